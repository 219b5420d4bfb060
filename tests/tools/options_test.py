"""The input and output options that every tool shares, through ir-read and ir-write: each does what it says."""
import json
import os
import subprocess
import threading

import irtest
from irtest import npy, parse_npy, run


def ramp(*shape):
    """Flat index of each element of an array of this shape, as a function of its indices."""
    def at(*indices):
        flat = 0
        for n, i in zip(shape, indices):
            flat = flat * n + i
        return flat
    return at


class Options(irtest.FolderTest):
    def setUp(self):
        super().setUp()
        self.write("stack.npy", npy((6, 4, 5), "<u2"))
        self.write("picture.npy", npy((4, 5), "<u2"))

    def tool(self, *command, code=0, stdin=b""):
        result = run(*command, stdin=stdin, cwd=self.folder)
        words = result.stderr.decode()
        self.assertEqual(result.returncode, code, words)
        if code != 0:  # one line that says why; a reader of frames is told
            self.assertTrue(words.count("\n") == 1 and words.startswith(command[0] + ": "), words)
            self.assertTrue(result.stdout == b"" or b"ABRT" in result.stdout)
        return result

    def array(self, *arguments, stdin=b""):
        """(extents, type, values) of what ir-read makes of these arguments."""
        result = self.tool("ir-read", *arguments, "--to", "npy", "-o", "-", stdin=stdin)
        self.assertEqual(result.stderr, b"")
        return parse_npy(result.stdout)

    def info(self, *arguments, stdin=b""):
        """What ir-info knows of the stream that ir-read sends."""
        stream = self.tool("ir-read", *arguments, stdin=stdin).stdout
        return json.loads(self.tool("ir-info", "--json", stdin=stream).stdout)

    def axes(self, *arguments):
        """(frame axis, [axes of a frame]) with extents, such as ("z6", ["y4", "x5"])."""
        found = self.info(*arguments)
        name = lambda a: "%s%d" % (a["name"], a["size"])
        return found["along"] and name(found["along"]), [name(a) for a in found["arrays"][0]["axes"]]


class Input(Options):
    def test_rank_joins_frames(self):
        self.assertEqual(self.axes("stack.npy"), ("z6", ["y4", "x5"]))
        self.assertEqual(self.axes("stack.npy", "--rank", "3"), (None, ["z6", "y4", "x5"]))
        self.assertEqual(self.axes("picture.npy", "--rank", "2"), (None, ["y4", "x5"]))
        stream = self.tool("ir-read", "stack.npy").stdout
        self.assertEqual(self.array("-", "--rank", "3", stdin=stream), parse_npy(self.read("stack.npy")))
        self.tool("ir-read", "picture.npy", "--rank", "3", code=2)

    def test_axes_names_what_a_file_does_not_say(self):
        self.assertEqual(self.axes("stack.npy", "--axes", "t,y,x"), ("t6", ["y4", "x5"]))
        self.write("colours.npy", npy((3, 4, 5)))
        self.assertEqual(self.axes("colours.npy", "--axes", "c,y,x"), (None, ["c3", "y4", "x5"]))
        self.tool("ir-read", "stack.npy", "--axes", "y,x", code=2)

    def test_along_takes_a_name_or_a_number(self):
        at = ramp(6, 4, 5)
        expected = [at(z, y, x) for y in range(4) for z in range(6) for x in range(5)]
        for axis in ("y", "1", "-2"):
            with self.subTest(axis):
                self.assertEqual(self.axes("stack.npy", "--along", axis), ("y4", ["z6", "x5"]))
                self.assertEqual(self.array("stack.npy", "--along", axis), ((4, 6, 5), "<u2", expected))
        for axis in ("angle", "3"):
            refused = self.tool("ir-read", "stack.npy", "--along", axis, code=2)
            self.assertIn(b"z 6, y 4, x 5", refused.stderr)

    def test_frames_are_chosen_as_in_python(self):
        for text in ("1:5", "::2", "-2:", ":-4", "1:-1:3", "3", "-1", "0:6"):
            with self.subTest(text):
                chosen = [eval("list(range(6))[%s]" % text)]
                chosen = chosen[0] if isinstance(chosen[0], list) else chosen
                values = [20 * k + i for k in chosen for i in range(20)]
                for source, stdin in (("stack.npy", b""), ("-", self.tool("ir-read", "stack.npy").stdout)):
                    self.assertEqual(self.array(source, "--frames", text, stdin=stdin)[2], values)
        for text in ("0:7", "7:", "6", "-7:", "4:2", "0:6:0", "0:6:-1", "a:b", "1:2:3:4"):
            with self.subTest(text):
                self.tool("ir-read", "stack.npy", "--frames=" + text, code=2)

    def test_roi_is_of_the_trailing_axes_and_moves_the_origin(self):
        at = ramp(6, 4, 5)
        found = self.info("stack.npy", "--roi", "1:3,2:")["arrays"][0]["axes"]
        self.assertEqual([(a["size"], a["origin"], a["spacing"]) for a in found], [(2, 1, 1), (3, 2, 1)])
        self.assertEqual(self.array("stack.npy", "--roi", "1:3,-3:")[2],
                         [at(z, y, x) for z in range(6) for y in (1, 2) for x in (2, 3, 4)])
        self.assertEqual(self.array("stack.npy", "--roi", "::2")[2],
                         [at(z, y, x) for z in range(6) for y in range(4) for x in (0, 2, 4)])
        self.assertEqual(self.array("stack.npy", "--rank", "3", "--roi", "5,1,2")[2], [at(5, 1, 2)])
        refused = self.tool("ir-read", "stack.npy", "--roi", "0:4,0:6", code=2)
        self.assertIn(b"axis x", refused.stderr)
        self.assertIn(b"6 is beyond the 5", refused.stderr)
        self.tool("ir-read", "stack.npy", "--roi", "0:1,0:1,0:1", code=2)

    def test_bin_is_the_mean_and_keeps_coordinates_true(self):
        at = ramp(6, 4, 5)
        shape, dtype, values = self.array("stack.npy", "--bin", "2")
        self.assertEqual((shape, dtype), ((6, 2, 2), "<f4"))  # the fifth column is dropped
        self.assertEqual(values, [at(z, 2 * j, 2 * i) + 3 for z in range(6) for j in (0, 1) for i in (0, 1)])
        found = self.info("stack.npy", "--bin", "1,3", "--roi", ":,1:")["arrays"][0]["axes"]
        self.assertEqual([(a["size"], a["origin"], a["spacing"]) for a in found], [(4, 0, 1), (1, 2, 3)])
        self.assertEqual(self.array("stack.npy", "--rank", "3", "--bin", "6,4,5")[2], [59.5])
        self.tool("ir-read", "stack.npy", "--bin", "5", code=2)
        self.tool("ir-read", "stack.npy", "--bin", "0", code=2)

    def test_dtype_converts_without_loss_or_refuses(self):
        self.assertEqual(self.array("picture.npy", "--dtype", "f64"), ((4, 5), "<f8", list(range(20))))
        self.tool("ir-read", "picture.npy", "--dtype", "u8", code=2)
        self.tool("ir-read", "picture.npy", "--dtype", "float", code=2)

    def test_headerless_raw(self):
        body = self.read("stack.npy")[-240:]
        self.write("stack.raw", b"header" + body)
        how = ("--raw-shape", "4,5", "--raw-dtype", "u16", "--raw-skip", "6")
        self.assertEqual(self.array("stack.raw", *how), ((6, 4, 5), "<u2", list(range(120))))
        self.assertEqual(self.array(*how, stdin=b"header" + body), ((6, 4, 5), "<u2", list(range(120))))
        self.tool("ir-read", "stack.raw", "--raw-shape", "4,5", code=2)
        self.tool("ir-read", "stack.raw", "--raw-shape", "4,7", "--raw-dtype", "u16", "--raw-skip", "6", code=65)

    def test_concat_joins_streams_that_are_refused_otherwise(self):
        two = self.tool("ir-read", "stack.npy").stdout + self.tool("ir-read", "stack.npy", "--frames", "0:2").stdout
        shape, _, values = self.array("--concat", stdin=two)
        self.assertEqual((shape, values), ((8, 4, 5), list(range(120)) + list(range(40))))
        refused = run("ir-read", "-o", self.path("x.npy"), stdin=two)
        self.assertEqual(refused.returncode, 65, refused.stderr)
        self.assertIn(b"--concat", refused.stderr)
        self.assertNotIn("x.npy", self.names())

    def test_each_runs_once_a_file(self):
        os.mkdir(self.path("out"))
        self.tool("ir-read", "stack.npy", "picture.npy", "--each", "-o", "out/{stem}_copy.npy")
        self.assertEqual(sorted(os.listdir(self.path("out"))), ["picture_copy.npy", "stack_copy.npy"])
        self.assertEqual(parse_npy(self.read("out/stack_copy.npy")), parse_npy(self.read("stack.npy")))
        self.tool("ir-read", "stack.npy", "picture.npy", "--each", "-o", "out/same.npy", code=2)

    def test_several_files_a_glob_a_folder_and_a_pattern_are_one_stack(self):
        os.mkdir(self.path("in"))
        for k in (0, 2, 10, 1):
            self.write("in/p%d.npy" % k, npy((2, 2), "<u2", lambda i: 10 * k + i))
        for names, order in ((["in/p*.npy"], (0, 1, 2, 10)), (["in"], (0, 1, 2, 10)),
                             (["in/p2.npy", "in/p10.npy"], (2, 10)), (["in/p2.npy", "in/p0.npy"], (2, 0))):
            with self.subTest(names):
                self.assertEqual(self.array(*names)[2], [10 * k + i for k in order for i in range(4)])
        os.remove(self.path("in/p10.npy"))
        self.assertEqual(self.array("in/p%d.npy")[0], (3, 2, 2))
        os.rename(self.path("in/p1.npy"), self.path("in/p7.npy"))
        self.assertIn(b"p1.npy is missing", self.tool("ir-read", "in/p%d.npy", code=66).stderr)
        self.tool("ir-read", "in/q*.npy", code=66)
        self.tool("ir-read", "-", "stack.npy", code=2)

    def test_standard_input_is_a_stream_a_file_or_a_pipe_of_any_format(self):
        for name in ((), ("-",), ("/dev/stdin",)):
            with self.subTest(name):
                self.assertEqual(self.array(*name, stdin=self.read("stack.npy"))[2], list(range(120)))
                with open(self.path("stack.npy"), "rb") as f:
                    self.assertEqual(self.array(*name, stdin=f)[2], list(range(120)))

    def feed(self, name, data):
        os.mkfifo(self.path(name))

        def write():
            with open(self.path(name), "wb") as f:
                f.write(data)

        feeder = threading.Thread(target=write)
        feeder.start()
        self.addCleanup(feeder.join)

    def test_fifos_are_inputs_and_side_inputs(self):
        self.feed("fifo", self.tool("ir-read", "stack.npy").stdout)
        self.assertEqual(self.array("fifo")[2], list(range(120)))
        if "ir-convolve" not in irtest.tools():
            self.skipTest("ir-convolve is not built")
        psf = npy((3, 3), values=[0, 0, 0, 0, 2, 0, 0, 0, 0])
        self.write("psf.npy", psf)
        expected = self.tool("ir-convolve", "stack.npy", "--psf", "psf.npy", "--to", "npy", "-o", "-").stdout
        for name, data in (("psf_stream", self.tool("ir-read", "psf.npy").stdout), ("psf_file", psf)):
            with self.subTest(name):
                self.feed(name, data)
                got = self.tool("ir-convolve", "stack.npy", "--psf", name, "--to", "npy", "-o", "-").stdout
                self.assertEqual(got, expected)


class Output(Options):
    def setUp(self):
        super().setUp()
        self.write("signed.npy", npy((2, 3), values=[-1, 0, 0.5, 1.5, 2.5, 300]))

    def stored(self, *arguments, said=b""):
        result = self.tool("ir-read", *arguments, "-o", "x.npy", "-f")
        self.assertEqual((result.stdout, result.stderr), (b"", said))
        return parse_npy(self.read("x.npy"))

    def test_every_format_goes_to_standard_output(self):
        for to, start in (("npy", b"\x93NUMPY"), ("irs", b"\x89IRS"), ("tiff", b"II"), ("nrrd", b"NRRD"), ("h5", b"\x89HDF"),
                          ("png", b"\x89PNG"), ("pnm", b"P5")):
            frames = () if to in ("npy", "irs", "tiff", "nrrd", "h5") else ("--frames", "2", "--rank", "2")
            with self.subTest(to):
                out = self.tool("ir-read", "stack.npy", *frames, "--to", to)
                self.assertTrue(out.stdout.startswith(start), out.stdout[:16])
                again = self.array("-", stdin=out.stdout)
                self.assertEqual(again[2], list(range(40, 60) if frames else range(120)))
        raw = self.tool("ir-read", "stack.npy", "--to", "raw").stdout
        self.assertEqual(raw, self.read("stack.npy")[-240:])
        self.assertEqual(self.tool("ir-write", "-", "--to", "raw", stdin=self.tool("ir-read", "stack.npy").stdout).stdout, raw)
        self.tool("ir-read", "stack.npy", "--to", "gif", code=2)
        self.tool("ir-read", "stack.npy", "-o", "x.unknown", code=2)

    def test_integers_are_clamped_only_with_a_note_and_never_rescaled(self):
        self.tool("ir-read", "signed.npy", "--out-dtype", "u8", "-o", "x.npy", code=2)
        self.tool("ir-read", "picture.npy", "--out-dtype", "u8", "-o", "x.npy", code=2)
        note = b"ir-read: note: 2 of 6 values were clamped to the output's range\n"
        self.assertEqual(self.stored("signed.npy", "--out-dtype", "u8", "--range", "0:255", said=note)[2],
                         [0, 0, 0, 2, 2, 255])  # half to even
        self.assertEqual(self.stored("signed.npy", "--out-dtype", "u8", "--range", "0:255", "-q")[2][-1], 255)
        report = self.tool("ir-read", "signed.npy", "--out-dtype", "u8", "--range", "0:255", "-q", "-o", "x.npy", "-f", "--json")
        self.assertEqual(json.loads(report.stdout)["clamped"], 2)
        self.assertEqual(self.stored("signed.npy", "--out-dtype", "u16", "--range", "-1:300")[2][::5], [0, 65535])

    def test_range_auto_takes_the_extremes_of_the_whole_stack(self):
        self.assertEqual(self.stored("stack.npy", "--out-dtype", "u8", "--range", "auto")[2],
                         [round(i * 255 / 119) for i in range(120)])
        stream = self.tool("ir-read", "signed.npy").stdout
        self.tool("ir-write", "y.npy", "--out-dtype", "u16", "--range", "auto", stdin=stream)
        self.assertEqual(parse_npy(self.read("y.npy"))[2][::5], [0, 65535])
        for text in ("1", "2:1", "a:b", "1:nan"):
            with self.subTest(text):
                self.tool("ir-read", "signed.npy", "--out-dtype", "u8", "--range", text, "-o", "z.npy", code=2)

    def test_integer_pictures_come_back_as_integers(self):
        if "ir-noise" not in irtest.tools():
            self.skipTest("ir-noise is not built")
        self.tool("ir-read", "picture.npy", "-o", "picture.png")
        self.tool("ir-noise", "picture.png", "--sigma", "0.01", "-o", "noisy.png", "-q")
        self.tool("ir-noise", "picture.png", "--sigma", "0.01", "-o", "noisy.npy")
        self.assertEqual(self.array("noisy.png")[1:], ("<u2", list(range(20))))
        self.assertEqual(parse_npy(self.read("noisy.npy"))[1], "<f4")

    def test_a_pattern_gives_a_file_for_each_frame(self):
        self.tool("ir-read", "stack.npy", "-o", "p_%03d.npy")
        self.assertEqual([n for n in self.names() if n.startswith("p_")], ["p_%03d.npy" % k for k in range(6)])
        self.assertEqual(parse_npy(self.read("p_004.npy"))[2], list(range(80, 100)))
        self.tool("ir-read", "stack.npy", "-o", "p_%03d.npy", code=73)
        self.assertIn(b"%05d", self.tool("ir-read", "stack.npy", "-o", "x.png", code=2).stderr)

    def test_compression_is_smaller_and_the_same(self):
        self.write("flat.npy", npy((256, 256), "<u2", lambda i: i // 256))
        for name in ("tif", "h5:/d", "nrrd"):
            with self.subTest(name):
                file = name.split(":")[0]
                self.tool("ir-read", "flat.npy", "-o", "a." + name, "--compression", "0")
                self.tool("ir-read", "flat.npy", "-o", "b." + name, "--compression", "6")
                self.assertLess(os.path.getsize(self.path("b." + file)), 0.7 * os.path.getsize(self.path("a." + file)))
                self.assertEqual(self.array("a." + name), self.array("b." + name))
        self.tool("ir-read", "flat.npy", "-o", "a.png")  # always compressed: 1 is the usual level
        self.tool("ir-read", "flat.npy", "-o", "b.png", "--compression", "9")
        self.assertLess(os.path.getsize(self.path("b.png")), os.path.getsize(self.path("a.png")))
        self.assertEqual(self.array("a.png"), self.array("b.png"))
        self.tool("ir-read", "flat.npy", "-o", "a.tif", "-f", "--compression", "10", code=2)

    def test_append_adds_a_dataset_and_force_replaces_it_alone(self):
        self.tool("ir-read", "stack.npy", "-o", "x.h5:/a")
        self.tool("ir-read", "picture.npy", "-o", "x.h5:/g/b", "--append")
        self.assertEqual(self.array("x.h5:/a")[2], list(range(120)))
        self.assertEqual(self.array("x.h5:/g/b")[2], list(range(20)))
        before = self.read("x.h5")
        self.tool("ir-read", "picture.npy", "-o", "x.h5:/a", "--append", code=73)
        self.tool("ir-read", "picture.npy", "-o", "x.h5:/c", code=73)
        self.assertEqual(self.read("x.h5"), before)
        self.tool("ir-read", "picture.npy", "-o", "x.h5:/a", "--append", "-f")
        self.assertEqual(self.array("x.h5:/a")[2], list(range(20)))
        self.assertEqual(self.array("x.h5:/g/b")[2], list(range(20)))
        self.assertIn(b"x.h5:/g/b", self.tool("ir-info", "x.h5").stdout)
        self.tool("ir-read", "picture.npy", "-o", "x.npy", "--append", code=2)
        self.assertEqual([n for n in self.names() if n.startswith(".")], [])

    def test_a_stream_without_frames_needs_allow_empty(self):
        try:
            import irstream
        except ImportError as e:
            self.skipTest("irstream needs %s" % e.name)
        with open(self.path("empty.irs"), "wb") as f, irstream.Writer(f, "u16", (4, 5), axes="yx", along="z",
                                                                    allow_empty=True):
            pass
        empty = self.read("empty.irs")

        self.assertIn(b"--allow-empty", self.tool("ir-write", "x.npy", stdin=empty, code=65).stderr)
        self.assertNotIn("x.npy", self.names())
        self.tool("ir-write", "x.irs", "--allow-empty", stdin=empty)
        self.assertIn("x.irs", self.names())

    def test_existing_outputs_are_replaced_only_by_force(self):
        self.write("x.npy", b"precious")
        self.assertIn(b"--force", self.tool("ir-read", "stack.npy", "-o", "x.npy", code=73).stderr)
        self.assertEqual(self.read("x.npy"), b"precious")
        self.tool("ir-read", "stack.npy", "-o", "x.npy", "--force")
        self.assertEqual(parse_npy(self.read("x.npy"))[2], list(range(120)))


if __name__ == "__main__":
    irtest.main()
