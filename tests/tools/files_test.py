"""Selections agree with NumPy's slices, cost what the region costs, and every way in gives the same frames.

Skipped, visibly, without python3-numpy.
"""
import gzip
import io
import os
import subprocess
import sys

import irtest

try:
    import numpy as np
except ImportError as missing:
    print("skipped: %s" % missing)
    sys.exit(77)


def usage_of(command, cwd):
    """Runs a program; its CPU seconds and largest memory in bytes."""
    with open(os.devnull, "wb") as nowhere:
        child = subprocess.Popen([os.path.join(irtest.BIN, command[0]), *command[1:]], cwd=cwd, stdout=nowhere,
                                 env=irtest.environment())
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


class Files(irtest.FolderTest):
    def array(self, *options, stdin=b"", **environment):
        out = irtest.run("ir-read", *options, "--to", "npy", cwd=self.folder, stdin=stdin,
                         env=irtest.environment(**environment))
        self.assertEqual((out.returncode, out.stderr.decode()), (0, ""), options)
        return np.load(io.BytesIO(out.stdout))

    def test_selections_are_slices(self):
        a = np.arange(6 * 10 * 14, dtype="u2").reshape(6, 10, 14)
        np.save(self.path("a.npy"), a)
        mean = lambda x: x.reshape(x.shape[0], x.shape[1] // 2, 2, x.shape[2] // 2, 2).mean((2, 4))
        for options, expected in [
            (["--frames", "1:5:2"], a[1:5:2]),
            (["--frames", "-2:"], a[-2:]),
            (["--frames", "3"], a[3:4]),
            (["--roi", "2:7"], a[:, :, 2:7]),
            (["--roi", "1:9:3,-5:"], a[:, 1:9:3, -5:]),
            (["--along", "1", "--rank", "2"], a.transpose(1, 0, 2)),
            (["--along", "x", "--frames", "0:14:7"], a.transpose(2, 0, 1)[0:14:7]),
            (["--rank", "3", "--frames", "2:4", "--roi", "1:3,2:5"], a[2:4, 1:3, 2:5]),
            (["--bin", "2"], mean(a.astype("f4"))),
            (["--dtype", "f64"], a.astype("f8")),
        ]:
            found = self.array("a.npy", *options)
            np.testing.assert_array_equal(found, expected.astype(found.dtype), str(options))

    def test_every_way_in_gives_the_same_frames(self):
        a = np.arange(3 * 4 * 5, dtype=">i4").reshape(3, 4, 5)
        np.save(self.path("a.npy"), a)
        content = self.read("a.npy")
        for k in range(3):
            np.save(self.path("s_%02d.npy" % k), a[k])
        np.testing.assert_array_equal(self.array("a.npy"), a)
        np.testing.assert_array_equal(self.array("s_%02d.npy"), a)
        np.testing.assert_array_equal(self.array("s_*.npy"), a)
        np.testing.assert_array_equal(self.array("-", stdin=content), a)
        # One byte in each call of the system:
        np.testing.assert_array_equal(self.array("-", stdin=content, IR_FAULTS="1,-1,0"), a)
        with open(self.path("a.npy"), "rb") as f:
            np.testing.assert_array_equal(self.array(stdin=f), a)

    def test_nrrd_by_hand(self):
        a = np.arange(2 * 3 * 4, dtype=">f4").reshape(2, 3, 4)
        head = "NRRD0005\n# by hand\ntype: float\ndimension: 3\nsizes: 4 3 2\nencoding: %s\nendian: big\n\n"
        for encoding, data in [("raw", a.tobytes()), ("gzip", gzip.compress(a.tobytes()))]:
            self.write("a.nrrd", (head % encoding).encode() + data)
            np.testing.assert_array_equal(self.array("a.nrrd"), a)
        for options, decode in [([], bytes), (["--compression", "5"], gzip.decompress)]:
            out = irtest.run("ir-read", "a.nrrd", "-o", "b.nrrd", "--force", *options, cwd=self.folder)
            self.assertEqual((out.returncode, out.stderr), (0, b""))
            text, data = self.read("b.nrrd").split(b"\n\n", 1)
            self.assertIn(b"sizes: 4 3 2\n", text)
            np.testing.assert_array_equal(np.frombuffer(decode(data), "<f4").reshape(2, 3, 4), a)

    def test_a_region_of_a_large_file_costs_only_itself(self):
        shape = (2500, 2048, 2048)  # 20 GiB, sparse
        np.lib.format.open_memmap(self.path("a.npy"), mode="w+", dtype="u2", shape=shape)
        for options in [["--frames", "1000", "--roi", "500:510,600:610"],
                        ["--along", "y", "--frames", "505", "--roi", "990:1010,600:610"],
                        ["--frames", "0:2500:500", "--bin", "8"]]:
            code, seconds, memory = usage_of(["ir-read", "a.npy", *options], self.folder)
            self.assertEqual(code, 0, options)
            self.assertLess(seconds, 2, options)
            self.assertLess(memory, 200 << 20, options)

    def test_long_stacks_pass_in_flat_memory(self):
        np.lib.format.open_memmap(self.path("a.npy"), mode="w+", dtype="u2", shape=(400, 512, 1024))
        code, _, memory = usage_of(["ir-read", "a.npy", "-o", "b.raw"], self.folder)
        self.assertEqual(code, 0)
        self.assertEqual(os.path.getsize(self.path("b.raw")), 400 << 20)
        self.assertLess(memory, 150 << 20)

    def test_wrong_inputs_have_their_exit_codes(self):
        np.save(self.path("a.npy"), np.zeros((2, 3), "f4"))
        np.save(self.path("b.npy"), np.zeros((3, 3), "f4"))
        np.save(self.path("long.npy"), np.zeros((2, 3), "i8"))
        self.write("text", b"not an image")
        for arguments, code in [(["missing.npy"], 66), (["missing*.npy"], 66), (["text"], 65), (["long.npy"], 65),
                                (["a.npy", "b.npy"], 65), (["a.npy", "--frames", "0:2"], 2),
                                (["a.npy", "--roi", "0:4"], 2), (["a.npy", "--along", "w"], 2),
                                (["a.npy", "--rank", "3"], 2), (["a.npy", "--dtype", "u8"], 2),
                                (["a.npy", "-o", "a.npy"], 73), (["a.npy", "-o", "no/b.npy"], 73),
                                (["a.npy", "-o", "x.png"], 2), (["a.npy", "-o", "/dev/full"], 74)]:
            with self.subTest(arguments):
                out = [] if "-o" in arguments else ["-o", "x.npy"]
                self.assert_refused(irtest.run("ir-read", *arguments, *out, cwd=self.folder), code)
        self.assertEqual(self.names(), ["a.npy", "b.npy", "long.npy", "text"])


if __name__ == "__main__":
    irtest.main()
