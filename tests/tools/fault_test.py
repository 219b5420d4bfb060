"""What goes wrong in pipelines: truncation, damage, kill -9, full disks, closed folders, readers that leave.

For every tool: no output under the final name, the right exit code, one line on standard error (none where the
reader went away or an earlier stage has told). Prints the table fault x tool -> exit code.
"""
import os
import signal
import subprocess
import sys
import threading
import time
import unittest

import irtest

# Every tool that reads frames, as it is run: {in} is the input, "" standard input; {out} the output option.
FILTERS = {
    "ir-read": "ir-read {in} {out}",
    "ir-write": "ir-write {OUT}",
    "ir-noise": "ir-noise {in} --sigma 0.1 {out}",
    "ir-flatfield": "ir-flatfield {in} --flat flat.npy --no-dark {out}",
    "ir-fbp": "ir-fbp {in} --angles 0:180 --center 3 {out}",
    "ir-project": "ir-project {in} --angles 0:180 --views 12 {out}",
    "ir-convolve": "ir-convolve {in} --psf psf.npy {out}",
    "ir-deconvolve": "ir-deconvolve {in} --psf psf.npy --iterations 2 {out}",
    "ir-denoise": "ir-denoise {in} --sigma 0.1 --patch 3 --search 5 {out}",
    "ir-solve": "ir-solve {in} -A identity --reg 0.1*tv --iterations 5 {out}",
    "ir-apply": "ir-apply {in} -A 2*identity {out}",
}
REPORTS = {
    "ir-center": "ir-center {in} --angles 0:180",
    "ir-info": "ir-info {in} --stats",
    "ir-metric": "ir-metric {in} --reference good.irs",
}
TABLE = {}


def command(pattern, source="", target=None):
    text = pattern.replace("{in}", source).replace("{OUT}", target or "-")
    return text.replace("{out}", "-o " + target if target else "").split()


def record(fault, tool, code):
    TABLE.setdefault(fault, {})[tool] = code


class Faults(irtest.FolderTest):
    def setUp(self):
        super().setUp()
        self.filters = {n: c for n, c in FILTERS.items() if n in irtest.tools()}
        self.reports = {n: c for n, c in REPORTS.items() if n in irtest.tools()}
        self.write("flat.npy", irtest.npy((40, 50), values=lambda i: 9))
        self.write("in.npy", irtest.npy((6, 40, 50), values=lambda i: 1.0 + (i * 7919 % 101) / 101))
        self.write("psf.npy", irtest.npy((3, 3), values=[1, 2, 1, 2, 4, 2, 1, 2, 1]))
        made = irtest.run("ir-read", "in.npy", cwd=self.folder)
        self.assertEqual(made.returncode, 0, made.stderr)
        self.good = made.stdout
        self.write("good.irs", self.good)
        self.before = self.names()

    def check(self, fault, tool, result, codes, lines=1):
        """`result` is (exit code, standard error)."""
        code, said = result
        record(fault, tool, code)
        self.assertIn(code, codes, "%s, %s: %s" % (fault, tool, said))
        self.assertEqual(said.count("\n"), lines, "%s, %s said: %r" % (fault, tool, said))
        if lines:
            self.assertTrue(said.startswith(tool + ": "), said)
        self.assertEqual(self.names(), self.before, "%s, %s left something behind" % (fault, tool))

    def feed(self, pattern, data, target="out.npy"):
        r = irtest.run(*command(pattern, "", target), stdin=data, cwd=self.folder)
        return r.returncode, r.stderr.decode()

    def every_reader(self):
        return {**self.filters, **self.reports}.items()

    # -- the stream is damaged ------------------------------------------------------------------

    def test_truncated_stream(self):
        marks = sorted({0, 1, 7, 8, 63, 64, 65, 127, 128, 200, len(self.good) // 2, len(self.good) - 129,
                        len(self.good) - 128, len(self.good) - 65, len(self.good) - 64, len(self.good) - 1})
        for tool, pattern in self.every_reader():
            for n in marks:
                with self.subTest(tool=tool, bytes=n):
                    self.check("stream cut", tool, self.feed(pattern, self.good[:n]), {76})

    def test_truncated_file(self):
        for n in (0, 64, len(self.good) // 2, len(self.good) - 1):
            self.write("cut.irs", self.good[:n])
            self.before = self.names()
            for tool, pattern in self.every_reader():
                if "{in}" not in pattern:
                    continue
                with self.subTest(tool=tool, bytes=n):
                    r = irtest.run(*command(pattern, "cut.irs", "out.npy"), cwd=self.folder)
                    self.check("file cut", tool, (r.returncode, r.stderr.decode()), {65})

    def test_flipped_byte(self):
        step = max(1, len(self.good) // 23)
        for tool, pattern in self.every_reader():
            for at in list(range(8, 256, 31)) + list(range(256, len(self.good), step)):
                bad = bytearray(self.good)
                bad[at] ^= 0x10
                with self.subTest(tool=tool, byte=at):
                    self.check("byte flipped", tool, self.feed(pattern, bytes(bad)), {65, 76})

    def test_foreign_file_cut_short(self):
        data = self.read("in.npy")
        for tool, pattern in self.every_reader():
            for n in (7, 40, len(data) // 2, len(data) - 1):
                with self.subTest(tool=tool, bytes=n):
                    self.check("foreign cut", tool, self.feed(pattern, data[:n]), {65})

    def test_not_an_image(self):
        for tool, pattern in self.every_reader():
            with self.subTest(tool=tool):
                self.check("not an image", tool, self.feed(pattern, b"hello, this is no image at all\n" * 20), {65})

    def test_missing_input(self):
        for tool, pattern in self.every_reader():
            if "{in}" in pattern:
                with self.subTest(tool=tool):
                    r = irtest.run(*command(pattern, "absent.tif", "out.npy"), cwd=self.folder)
                    self.check("no such input", tool, (r.returncode, r.stderr.decode()), {66})

    def test_upstream_failed(self):
        """The failing tool speaks; all after it are silent, send no file and exit with 76."""
        for tool, pattern in self.filters.items():
            with self.subTest(tool=tool):
                p = irtest.Pipeline(["ir-read", "absent.tif"], command(pattern), ["ir-write", "out.npy"], cwd=self.folder)
                codes, said, _ = p.wait()
                self.assertEqual(codes[0], 66, said)
                self.assertEqual(said[0].count("\n"), 1)
                self.check("upstream failed", tool, (codes[1], said[1]), {76}, lines=0)
                self.check("upstream failed", "ir-write", (codes[2], said[2]), {76}, lines=0)

    # -- programs are killed, readers leave -----------------------------------------------------

    def half_fed(self, *commands):
        """A pipeline that has got half of its stream and waits for more; returns (pipeline, feeding end)."""
        r, w = os.pipe()
        with os.fdopen(r, "rb") as source:
            p = irtest.Pipeline(*commands, stdin=source, cwd=self.folder)
        os.write(w, self.good[:len(self.good) // 2])  # less than a pipe holds
        time.sleep(0.3)
        return p, w

    def test_killed_stage(self):
        for tool, pattern in self.filters.items():
            if tool == "ir-write":
                continue
            with self.subTest(tool=tool):
                p, w = self.half_fed(command(pattern), ["ir-write", "out.npy"])
                p.processes[0].send_signal(signal.SIGKILL)
                codes, said, _ = p.wait()
                os.close(w)
                record("killed (-9)", tool, codes[0])
                self.assertEqual(codes[0], -9)
                self.check("stage before killed", "ir-write", (codes[1], said[1]), {76})

    def test_killed_writer(self):
        if not {"ir-write", "ir-noise"} <= set(irtest.tools()):
            self.skipTest("ir-noise is not built")
        p, w = self.half_fed(["ir-noise", "--sigma", "0.1"], ["ir-write", "out.npy"])
        p.processes[1].send_signal(signal.SIGKILL)
        p.processes[1].wait()
        try:  # the stage in between notices and goes silently
            codes, said, _ = p.wait(timeout=20)
        finally:
            os.close(w)
        self.assertEqual(codes[0], -signal.SIGPIPE, said)
        self.assertEqual(said[0], "")
        self.assertNotIn("out.npy", self.names())  # a hidden temporary may stay after kill -9
        record("reader killed", "ir-noise", codes[0])

    def test_terminated(self):
        for tool, pattern in self.filters.items():
            for number in (signal.SIGTERM, signal.SIGINT):
                with self.subTest(tool=tool, signal=number):
                    p, w = self.half_fed(command(pattern, "", "out.npy"))
                    p.processes[0].send_signal(number)
                    codes, said, _ = p.wait(timeout=20)
                    os.close(w)
                    self.check(signal.Signals(number).name, tool, (codes[0], said[0]), {-number}, lines=0)

    def test_reader_leaves(self):
        self.write("big.npy", irtest.npy((3, 400, 500)))
        self.write("flat.npy", irtest.npy((400, 500), values=lambda i: 9))
        self.before = self.names()
        for tool, pattern in self.filters.items():
            with self.subTest(tool=tool):
                source = self.path("big.npy")
                with open(source, "rb") as f:
                    line = command(pattern, "big.npy" if "{in}" in pattern else "")
                    p = subprocess.Popen(line, stdin=f, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.folder,
                                         env=irtest.environment())
                    p.stdout.read(100)
                    p.stdout.close()
                    said = p.stderr.read().decode()
                    code = p.wait(timeout=30)
                    p.stderr.close()
                self.check("reader leaves", tool, (code, said), {-signal.SIGPIPE}, lines=0)

    # -- the output cannot be written -----------------------------------------------------------

    def test_full_device(self):
        for tool, pattern in self.every_reader():
            with self.subTest(tool=tool), open("/dev/full", "wb") as full:
                p = subprocess.run(command(pattern), input=self.good, stdout=full, stderr=subprocess.PIPE, cwd=self.folder,
                                   env=irtest.environment())
                self.check("/dev/full", tool, (p.returncode, p.stderr.decode()), {74})

    def test_no_such_folder(self):
        for tool, pattern in self.filters.items():
            with self.subTest(tool=tool):
                self.check("no such folder", tool, self.feed(pattern, self.good, "absent/out.npy"), {73})

    def test_read_only_folder(self):
        if os.getuid() == 0 and not os.access(irtest.BIN, os.X_OK):
            self.skipTest("needs a user without rights")
        os.chmod(self.folder, 0o555)
        unprivileged = {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}
        try:
            probe = subprocess.run(["ls", irtest.BIN], capture_output=True, **unprivileged)
            if probe.returncode:
                self.skipTest("the programs are not readable for another user")
            for tool, pattern in self.filters.items():
                with self.subTest(tool=tool):
                    p = subprocess.run(command(pattern, "", "out.npy"), input=self.good, capture_output=True, cwd=self.folder,
                                       env=irtest.environment(), **unprivileged)
                    self.check("read-only folder", tool, (p.returncode, p.stderr.decode()), {73})
        finally:
            os.chmod(self.folder, 0o755)

    def test_existing_output(self):
        self.write("out.npy", b"precious")
        self.before = self.names()
        for tool, pattern in self.filters.items():
            with self.subTest(tool=tool):
                self.check("output exists", tool, self.feed(pattern, self.good), {73})
                self.assertEqual(self.read("out.npy"), b"precious")
                r = irtest.run(*command(pattern, "", "out.npy"), "--force", stdin=self.good, cwd=self.folder)
                self.assertEqual(r.returncode, 0, r.stderr)
                self.assertNotEqual(self.read("out.npy"), b"precious")
                self.write("out.npy", b"precious")

    # -- slow but right -------------------------------------------------------------------------

    def test_one_byte_at_a_time(self):
        small = irtest.npy((2, 5, 7), values=lambda i: 1 + i % 5)
        self.write("small.npy", small)
        self.write("flat.npy", irtest.npy((5, 7), values=lambda i: 9))
        stream = irtest.run("ir-read", "small.npy", cwd=self.folder).stdout
        for tool, pattern in self.filters.items():
            with self.subTest(tool=tool):
                plain = irtest.run(*command(pattern), stdin=stream, cwd=self.folder)
                self.assertEqual(plain.returncode, 0, plain.stderr)
                p = subprocess.Popen(command(pattern), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                     cwd=self.folder, env=irtest.environment(), bufsize=0)

                def drip():
                    for i in range(len(stream)):
                        os.write(p.stdin.fileno(), stream[i:i + 1])
                    p.stdin.close()

                feeder = threading.Thread(target=drip)
                feeder.start()
                got = b""
                while piece := os.read(p.stdout.fileno(), 1):
                    got += piece
                feeder.join()
                self.assertEqual(p.wait(), 0, p.stderr.read())
                p.stdout.close()
                p.stderr.close()
                self.assertEqual(got, plain.stdout)
                record("1-byte pipes", tool, 0)

    @classmethod
    def tearDownClass(cls):
        tools = sorted({t for row in TABLE.values() for t in row})
        if not tools:
            return
        print("\nfault x tool -> exit code (-n: ended by signal n)\n%-22s%s" % ("", "".join("%14s" % t for t in tools)))
        for fault, row in TABLE.items():
            print("%-22s%s" % (fault, "".join("%14s" % row.get(t, "") for t in tools)))
        sys.stdout.flush()


if __name__ == "__main__":
    irtest.main()
