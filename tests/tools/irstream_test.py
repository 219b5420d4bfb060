"""Frame streams between Python (share/python/irstream.py) and the tools, both ways, and the example of irs(5)."""
import io
import os
import re
import sys
import unittest

import irtest

try:
    import numpy as np
except ImportError:
    print("skipped: no NumPy for this Python")
    sys.exit(77)

import irstream
import irstream_xxh3


def stream(frames, dtype, **options):
    """The bytes of a stream of these frames."""
    out = io.BytesIO()
    frames = [np.asarray(f) for f in frames]
    with irstream.Writer(out, dtype, frames[0].shape, frames=len(frames), **options) as w:
        for k, f in enumerate(frames):
            w.write(f, meta={"time": k})
    return out.getvalue()


def frames_of(data):
    reader = irstream.Reader(io.BytesIO(data))
    return reader, list(reader)


def small():
    return stream([np.arange(20).reshape(5, 4) + k for k in range(2)], "u16", axes="yx", along="z",
                  meta={"title": "caf\u00e9"}, nominal={"dtype": "u16", "range": [0, 4095]})


class Checksums(unittest.TestCase):
    def test_numpy_and_library_agree_on_every_length(self):
        known = {0: 0x2D06800538D394C2}
        data = np.random.default_rng(1).integers(0, 256, 100001, dtype=np.uint8)
        self.assertEqual(irstream_xxh3.xxh3_64_numpy(b""), known[0])
        if irstream_xxh3._function is None:
            self.skipTest("no libxxhash")
        for n in [*range(0, 1100), 2048, 2049, 4096, 65536, 100001]:
            self.assertEqual(irstream_xxh3.xxh3_64_numpy(data[:n]), irstream_xxh3.xxh3_64(data[:n]), n)


class Streams(unittest.TestCase):
    def test_everything_comes_back(self):
        reader, got = frames_of(small())
        self.assertEqual([f.tolist() for f in got],
                         [(np.arange(20).reshape(5, 4) + k).tolist() for k in range(2)])
        self.assertEqual((reader.meta, reader.frame_meta), ({"title": "caf\u00e9"}, {"time": 1}))
        self.assertEqual(reader.data.nominal, {"dtype": "u16", "range": [0, 4095]})
        self.assertTrue(got[0].flags.writeable)

    def test_a_cut_or_a_flipped_bit_anywhere_raises(self):
        data = small()
        for n in range(len(data)):
            with self.assertRaises(irstream.Truncated):
                frames_of(data[:n])
            bent = bytearray(data)
            bent[n] ^= 1 << n % 8
            with self.assertRaises(irstream.IrsError, msg=f"byte {n}"):
                frames_of(bent)

    def test_an_exception_reaches_the_reader(self):
        out = io.BytesIO()
        with self.assertRaises(ZeroDivisionError):
            with irstream.Writer(out, "f32", (2, 2)) as w:
                w.write(np.zeros((2, 2)))
                raise ZeroDivisionError("by design")
        with self.assertRaises(irstream.Aborted) as caught:
            frames_of(out.getvalue())
        self.assertEqual(caught.exception.message, "ZeroDivisionError: by design")

    def test_wrong_frames_are_refused(self):
        w = irstream.Writer(io.BytesIO(), "f32", (2, 3), frames=1)
        with self.assertRaises(ValueError):
            w.write(np.zeros((3, 2)))
        with self.assertRaises(irstream.IrsError):
            w.finish()
        with self.assertRaises(TypeError):
            irstream.Writer(io.BytesIO(), "int64", (2, 3))

    def test_side_arrays_come_first(self):
        psf = irstream.Array("psf", "f32", [irstream.Axis("x", 3)], "psf", frames=1)
        data = irstream.Array("data", "u8", [irstream.Axis("x", 9)])
        out = io.BytesIO()
        with irstream.Writer(out, arrays=[psf, data], along="t") as w:
            w.write([1, 2, 1], "psf")
            w.write(np.zeros(9))
        reader, got = frames_of(out.getvalue())
        self.assertEqual((reader.sides["psf"][0].tolist(), len(got)), ([1, 2, 1], 1))
        with self.assertRaises(irstream.IrsError):
            irstream.Writer(io.BytesIO(), arrays=[psf, data]).write(np.zeros(9))


class WithTools(irtest.FolderTest):
    def through(self, *command, data):
        result = irtest.run(*command, stdin=data)
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        return result.stdout

    def test_every_dtype_and_rank_survives_a_tool(self):
        random = np.random.default_rng(2)
        for name, code in irstream.DTYPES.items():
            for shape in [(7,), (5, 4), (3, 2, 5), (2, 3, 2, 3)]:
                sent = [(random.normal(size=shape) * 100).astype(np.float32) for _ in range(3)]
                sent = [(np.abs(f) if code[1] == "u" else f).astype(code) for f in sent]
                back = self.through("ir-read", data=stream(sent, name))
                reader, got = frames_of(back)
                self.assertEqual(reader.data.dtype, np.dtype(code))
                self.assertEqual([f.tobytes() for f in got], [f.tobytes() for f in sent], (name, shape))

    def test_header_and_metadata_survive_a_tool(self):
        sent = io.BytesIO()
        axes = [irstream.Axis("y", 5, "um", 0.25, -1.0), irstream.Axis("x", 4, "um", 0.1, 1e-3)]
        with irstream.Writer(sent, "u16", (5, 4), axes=axes, meta={"title": "caf\u00e9"},
                             along=irstream.Axis("angle", 1, "deg", 0.5, 7.0)) as w:
            w.write(np.ones((5, 4)), meta={"time": 3})
        reader, got = frames_of(self.through("ir-read", data=sent.getvalue()))
        self.assertEqual(reader.data.axes, axes)
        self.assertEqual(reader.along, irstream.Axis("angle", 1, "deg", 0.5, 7.0))
        self.assertEqual((reader.meta["title"], reader.frame_meta), ("caf\u00e9", {"time": 3}))

    def test_frames_larger_than_a_part(self):
        sent = [np.arange(1500 * 1200, dtype=np.float32).reshape(1500, 1200) + k for k in range(2)]
        _, got = frames_of(self.through("ir-read", data=stream(sent, "f32")))
        self.assertTrue(all(np.array_equal(a, b) for a, b in zip(sent, got)))

    def test_a_failure_in_python_leaves_no_output(self):
        script = ("import sys, irstream, numpy\n"
                  "with irstream.Writer(sys.stdout.buffer, 'f32', (4, 4), tool='filter') as w:\n"
                  "    w.write(numpy.zeros((4, 4)))\n"
                  "    raise SystemExit('no more')\n")
        p = irtest.Pipeline([sys.executable, "-c", script], ["ir-write", self.path("out.npy")],
                            env=irtest.environment(PYTHONPATH=os.environ["PYTHONPATH"]))
        codes, errors, _ = p.wait()
        self.assertEqual((codes, errors[1], self.names()), ([1, 76], "", []))

    def test_a_tool_is_a_function_in_a_loop(self):
        x = np.random.default_rng(3).normal(size=(600, 500)).astype(np.float32)  # more than a pipe holds
        with irstream.pipe([os.path.join(irtest.BIN, "ir-read")]) as same:
            for k in range(5):
                y = same(x + k)
                self.assertTrue(np.array_equal(y, x + k))

    def test_a_computing_tool_is_a_function_in_a_loop(self):
        if "ir-convolve" not in irtest.tools():
            self.skipTest("no ir-convolve")
        psf = self.write("psf.npy", irtest.npy((1, 3), values=[1, 1, 1]))
        command = [os.path.join(irtest.BIN, "ir-convolve"), "--psf", psf, "--boundary", "circular"]
        x = np.zeros((32, 32), np.float32)
        x[16, 16] = 1
        with irstream.pipe(command) as blur:
            for _ in range(4):
                x = blur(x)
        self.assertAlmostEqual(float(x.sum()), 1.0, places=5)
        self.assertAlmostEqual(float(x[16, 20]), 1 / 81, places=6)

    def test_a_tool_that_fails_raises(self):
        with self.assertRaises(irstream.IrsError):
            with irstream.pipe([os.path.join(irtest.BIN, "ir-read"), "--roi", "5:9,5:9", "-q"]) as f:
                f(np.zeros((4, 4), np.float32))


class ManPage(unittest.TestCase):
    def test_the_example_of_the_man_page_is_a_stream(self):
        with open(os.path.join(irtest.SOURCE, "man", "irs.5")) as f:
            rows = re.findall(r"^[0-9a-f]{4}  ((?:[0-9a-f]{2} ){15}[0-9a-f]{2})  ", f.read(), re.M)
        data = bytes.fromhex(" ".join(rows))
        _, got = frames_of(data)
        self.assertEqual([f.tolist() for f in got], [[10, 20, 30]])
        self.assertEqual(irtest.run("ir-read", stdin=data).returncode, 0)


if __name__ == "__main__":
    irtest.main()
