"""Memory: a stream of any length in the same memory, frames larger than --memory, one spool and no more.

Peaks are those that the tools report of themselves (`peak_bytes`): the program, its libraries and its buffers.
"""
import json
import os
import re
import struct
import subprocess

import irtest
from irtest import Pipeline, run

MIB = 1 << 20
PROGRAM = 32 * MIB  # code, libraries and thread stacks that are resident whatever the data


def sanitized():
    with open(os.path.join(irtest.BIN, "ir-read"), "rb") as f:
        return b"__asan_init" in f.read()


class Memory(irtest.FolderTest):
    def setUp(self):
        super().setUp()
        if sanitized():
            self.skipTest("memory is not measured under a sanitizer")

    def sparse_npy(self, name, shape, dtype="<f4"):
        """A file of zeros that takes no room on the disk."""
        head = irtest.npy((0,), dtype)[10:].decode().replace("(0, )", "(%s)" % "".join("%d, " % n for n in shape)).rstrip()
        head += " " * (-(len(head) + 11) % 64) + "\n"
        size = int(dtype[2:])
        for n in shape:
            size *= n
        with open(self.path(name), "wb") as f:
            f.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode())
            f.truncate(f.tell() + size)
        return name

    def peaks(self, *commands):
        """Peak bytes of each stage of a pipeline, and what all said."""
        named = [[*c, "--report", "report%d.json" % i, "-f"] for i, c in enumerate(commands)]
        codes, said, _ = Pipeline(*named, cwd=self.folder).wait()
        self.assertEqual(codes, [0] * len(codes), said)
        reports = [json.loads(self.read("report%d.json" % i)) for i in range(len(commands))]
        return [r["peak_bytes"] for r in reports], "".join(said)

    def test_solving_takes_no_more_than_its_plan(self):
        n = 1024
        self.sparse_npy("y.npy", (n, n))
        self.write("w.npy", irtest.npy((n, n), "|u1", values=lambda i: 1 + i % 3))
        problems = [("-A", "blur(gaussian(2))"), ("-A", "blur(gaussian(2))", "--reg", "0.01*tv"),
                    ("-A", "mask(@w.npy)", "--reg", "0.01*l1*hessian", "--bounds", "nonneg"),
                    ("-A", "blur(gaussian(2))", "--fidelity", "wl2:@w.npy", "--reg", "0.01*tv", "--init", "y.npy"),
                    ("-A", "blur(gaussian(2))", "--reg", "0.01*tv", "--reg", "0.1*l1*wavelet(db2)", "--checkpoint", "c",
                     "--checkpoint-every", "1")]
        for problem in problems:
            with self.subTest(problem=problem):
                command = ("ir-solve", "y.npy", *problem, "--iterations", "2", "--tolerance", "0", "--json", "-o", "x.npy", "-f")
                plan = json.loads(run(*command, "--dry-run", cwd=self.folder).stdout)["host_bytes"]
                r = run(*command, cwd=self.folder)

                self.assertEqual((r.returncode, r.stderr), (0, b""))
                peak = json.loads(r.stdout)["peak_bytes"]
                self.assertLess(peak, plan + PROGRAM)
                self.assertGreater(peak, plan // 3)

    def test_ten_times_the_frames_take_the_same_memory(self):
        stages = [["ir-noise", "--sigma", "1"], ["ir-write", "out.npy"]]
        if "ir-convolve" in irtest.tools():
            stages.insert(0, ["ir-convolve", "--gaussian", "1"])
        if "ir-denoise" in irtest.tools():
            stages.insert(0, ["ir-denoise", "--sigma", "1", "--patch", "3", "--search", "5"])

        peaks = {}
        for frames in (40, 400):
            self.sparse_npy("in.npy", (frames, 256, 256))
            peaks[frames], _ = self.peaks(["ir-read", "in.npy"], *stages)  # 100 MiB of data in the end

        for stage, few, many in zip([["ir-read"], *stages], peaks[40], peaks[400]):
            self.assertLess(abs(many - few), 6 * MIB, "%s: %s" % (stage[0], peaks))

    def test_a_frame_larger_than_memory_passes_through_point_wise_stages(self):
        self.sparse_npy("in.npy", (4096, 8192))  # 128 MiB
        budget = ("--memory", "32M")
        for files in (["in.npy"], ["in.tif"]):
            with self.subTest(files):
                peaks, said = self.peaks(["ir-read", *files, *budget, "-v"], ["ir-noise", "--sigma", "1", *budget, "-v"],
                                         ["ir-write", "out.tif", *budget, "-v"])
                self.assertLess(max(peaks), 32 * MIB + PROGRAM, peaks)
                self.assertNotIn("spool", said)
                os.rename(self.path("out.tif"), self.path("in.tif"))

    def test_whole_frames_larger_than_memory_pass_from_file_to_file(self):
        self.sparse_npy("in.npy", (4096, 8192))
        for options in ((), ("--dtype", "f64"), ("--bin", "2"), ("--along", "x", "--rank", "1", "--frames", "0:8192:512")):
            with self.subTest(options):
                peaks, said = self.peaks(["ir-read", "in.npy", *options, "--memory", "32M", "-o", "out.npy", "-v"])
                self.assertLess(peaks[0], 32 * MIB + PROGRAM)
                self.assertNotIn("spool", said)

    def check_one_spool(self, *commands, size):
        peaks, said = self.peaks(*commands)
        self.assertLess(max(peaks), 64 * MIB + PROGRAM, (commands, peaks))
        self.assertEqual(said.count("spool"), 1, said)
        self.assertIn(size, said)

    def test_random_access_to_a_pipe_takes_one_spool(self):
        self.sparse_npy("in.npy", (512, 512, 256), "<u2")  # 128 MiB
        feed = ["ir-read", "in.npy"]
        self.check_one_spool(feed, ["ir-read", "--along", "x", "--memory", "64M", "-v", "-o", "out.npy"],
                             size="128.0 MiB")  # in the type received
        if "ir-convolve" in irtest.tools():
            with self.subTest("ir-convolve"):
                self.check_one_spool(feed, ["ir-convolve", "--rank", "3", "--gaussian", "1", "--memory", "64M", "-v"],
                                     ["ir-write", "out.npy"], size="128.0 MiB")

    def test_a_foreign_format_in_a_pipe_takes_one_spool(self):
        self.sparse_npy("in.npy", (64, 1024, 1024), "<u2")
        self.check_one_spool(["ir-read", "in.npy", "--to", "npy"],
                             ["ir-read", "--memory", "64M", "--along", "x", "-v", "-o", "out.npy"], size="128.0 MiB")

    def test_what_fits_memory_is_not_spooled(self):
        self.sparse_npy("in.npy", (8, 256, 256))
        _, said = self.peaks(["ir-read", "in.npy"],
                             ["ir-read", "--along", "x", "--memory", "64M", "--tmpdir", "/absent", "-v", "-o", "out.npy"])
        self.assertNotIn("spool", said)

    def test_projections_in_a_pipe_are_spooled_once_and_sinograms_never(self):
        if "ir-fbp" not in irtest.tools():
            self.skipTest("ir-fbp is not built")
        self.sparse_npy("in.npy", (128, 1024, 256))  # 128 MiB
        feed = ["ir-read", "in.npy", "--angles", "0:180", "--memory", "64M"]
        slices = ["ir-fbp", "--center", "127.5", "--size", "64", "--memory", "64M", "-v"]

        self.check_one_spool(feed, slices, ["ir-write", "out.npy"], size="128.0 MiB")
        peaks, said = self.peaks([*feed, "--along", "v"], slices, ["ir-write", "out2.npy"])

        self.assertLess(max(peaks), 64 * MIB + PROGRAM, peaks)
        self.assertNotIn("spool", said)
        self.assertEqual(self.read("out2.npy"), self.read("out.npy"))

    def test_rows_of_a_scan_are_read_alone(self):
        """Flat field and backprojection of 64 rows of 12.6 GB of counts (that take no room on the disk)."""
        if "ir-fbp" not in irtest.tools():
            self.skipTest("ir-fbp is not built")
        views, rows, n = 1500, 2048, 2048
        try:
            self.sparse_npy("counts.npy", (views, rows, n), "<u2")
        except OSError as e:
            self.skipTest("a file larger than the disk: %s" % e.strerror)
        self.sparse_npy("flat.npy", (rows, n), "<u2")
        with open(self.path("flat.npy"), "r+b") as f:
            f.seek(-2 * rows * n, os.SEEK_END)
            f.write(b"\x10\x27" * (rows * n))
        scan = ["ir-fbp", "counts.npy", "--flat", "flat.npy", "--no-dark", "--angles", "0:180", "--center", "1023.5",
                "--slices", "992:1056", "--memory", "2G"]

        def planned(*more):
            return json.loads(run(*scan, *more, "--dry-run", "--json", "-o", "plan.npy", cwd=self.folder).stdout)["host_bytes"]

        small = ("--size", "128")  # whole slices would only take longer
        read, peak = self.read_bytes_and_peak(*scan, *small, "-o", "out.npy")

        self.assertLess(planned(), 2 << 30)
        self.assertLess(peak, planned(*small) + PROGRAM)
        needed = 64 * n * 2 * (views + 1)
        self.assertLess(needed - 1, read)
        self.assertLess(read, needed + 8 * MIB)

    def read_bytes_and_peak(self, *command):
        """What a tool read by system calls, and its peak."""
        tool = subprocess.Popen([*command, "--report", "report.json"], cwd=self.folder, env=irtest.environment())
        os.waitid(os.P_PID, tool.pid, os.WEXITED | os.WNOWAIT)  # its accounts are open until it is reaped
        with open("/proc/%d/io" % tool.pid) as f:
            read = int(re.search(r"rchar: (\d+)", f.read())[1])
        self.assertEqual(tool.wait(), 0)
        return read, json.loads(self.read("report.json"))["peak_bytes"]

    def test_no_room_for_the_spool_is_told_before_reading(self):
        disk = os.statvfs(self.folder)
        frames = 4 * disk.f_bavail * disk.f_frsize // (1 << 28) + 1  # four times what is free
        try:
            self.sparse_npy("huge.npy", (frames, 8192, 8192))
        except OSError as e:
            self.skipTest("a file larger than the disk: %s" % e.strerror)
        self.sparse_npy("small.npy", (16, 1024, 1024))
        for name, folder, why in (("huge.npy", self.folder, "scratch space are needed"),
                                  ("small.npy", "/absent", "No such file or directory")):
            with self.subTest(name):
                codes, said, _ = Pipeline(["ir-read", name], ["ir-read", "--along", "x", "--memory", "8M", "--tmpdir", folder,
                                                              "-o", "out.npy"], cwd=self.folder).wait()
                self.assertEqual((codes[1], said[0]), (71, ""), said)
                self.assertIn(why, said[1])
                self.assertIn("--tmpdir", said[1])
                self.assertEqual(said[1].count("\n"), 1)
        result = run("ir-read", "--tmpdir", "/absent", "-o", self.path("out.npy"), stdin=irtest.npy((4, 5)))
        self.assert_refused(result, 71)
        self.assertEqual(self.names(), ["huge.npy", "small.npy"])


if __name__ == "__main__":
    irtest.main()
