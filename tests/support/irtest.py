"""Helpers of the program tests: runs the built tools, makes small files, skips visibly.

A test file ends with `irtest.main()`, which prints a line "skipped: why" for each reason to leave tests out, and exits
with 77 (CTest: skipped) where every test was.
"""
import math
import os
import struct
import subprocess
import sys
import tempfile
import unittest

BIN = os.environ.get("IR_BIN", os.path.join(os.getcwd(), "build", "release", "bin"))
SOURCE = os.environ.get("IR_SOURCE", os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
DATA = os.environ.get("IR_TEST_DATA", os.path.join(SOURCE, "..", "shared", "data"))
TIMEOUT = 120


def tools():
    """Names of all built tools."""
    return sorted(n for n in os.listdir(BIN) if n.startswith("ir-") and os.access(os.path.join(BIN, n), os.X_OK))


def environment(**extra):
    env = {k: v for k, v in os.environ.items() if not k.startswith("IR_") or k in ("IR_ISA",)}
    env["PATH"] = BIN + os.pathsep + env.get("PATH", "")
    env.update(extra)
    return env


def run(*command, stdin=b"", cwd=None, env=None, timeout=TIMEOUT):
    """Runs one tool; `stdin` is bytes or a file. Returns the CompletedProcess with bytes."""
    feed = {"input": stdin} if isinstance(stdin, bytes) else {"stdin": stdin}
    return subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=cwd,
                          env=env or environment(), timeout=timeout, **feed)


def shell(line, cwd=None, env=None, timeout=TIMEOUT):
    """Runs a line of POSIX sh with the tools on PATH."""
    return subprocess.run(["sh", "-c", line], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          cwd=cwd, env=env or environment(), timeout=timeout)


class Pipeline:
    """Several programs joined by pipes, each process within reach: for kill -9 and exit codes."""

    def __init__(self, *commands, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, cwd=None, env=None):
        self.processes = []
        for i, command in enumerate(commands):
            last = i == len(commands) - 1
            p = subprocess.Popen([str(c) for c in command], stdin=stdin, stdout=stdout if last else subprocess.PIPE,
                                 stderr=subprocess.PIPE, cwd=cwd, env=env or environment())
            if i > 0:
                stdin.close()  # ours; the child has its own
            stdin = p.stdout
            self.processes.append(p)

    def wait(self, timeout=TIMEOUT):
        """Returns ([exit codes], [stderr texts], stdout of the last)."""
        out, _ = (self.processes[-1].communicate(timeout=timeout))
        errors = []
        for p in self.processes:
            if p is self.processes[-1]:
                errors.append((_ or b"").decode())
            else:
                errors.append(p.stderr.read().decode())
                p.wait(timeout=timeout)
        return [p.returncode for p in self.processes], errors, out


def npy(shape, dtype="<f4", values=None):
    """Bytes of a NumPy file without NumPy: `values` is a function of the flat index, a sequence, or 0, 1, 2 ..."""
    count = 1
    for n in shape:
        count *= n
    code = {"<f4": "f", "<f8": "d", "<u2": "H", "|u1": "B", "<i2": "h", "<i4": "i", "<u4": "I"}[dtype]
    if values is None:
        values = range(count)
    elif callable(values):
        values = [values(i) for i in range(count)]
    head = "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }" % (dtype, "".join("%d, " % n for n in shape))
    head += " " * (-(len(head) + 11) % 64) + "\n"
    body = struct.pack("<%d%s" % (count, code), *values)
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + body


DISCS = ((0.04, 14, 3, -2), (0.08, 4, -4, 3), (0.06, 2.5, 9, -5), (-0.03, 3, 4, 5))  # value, radius, x, y from the axis


def through_discs(degrees, s):
    """Line integral through DISCS, mean over the detector pixel s from the axis."""
    a = math.radians(degrees)
    total = 0
    for value, radius, x, y in DISCS:
        q = s - x * math.cos(a) - y * math.sin(a)
        total += sum(2 * value * math.sqrt(max(0, radius ** 2 - (q + d) ** 2)) for d in (-0.375, -0.125, 0.125, 0.375)) / 4
    return total


def parse_npy(data):
    """(shape, dtype, values) of the bytes of a little-endian NumPy file."""
    assert data[:6] == b"\x93NUMPY", data[:16]
    size = struct.unpack("<H", data[8:10])[0] if data[6] == 1 else struct.unpack("<I", data[8:12])[0]
    start = (10 if data[6] == 1 else 12) + size
    head = eval(data[start - size:start].decode(), {"__builtins__": {}}, {"True": True, "False": False})
    code = {"f4": "f", "f8": "d", "u2": "H", "u1": "B", "i2": "h", "i4": "i", "u4": "I", "i1": "b"}[head["descr"][1:]]
    count = 1
    for n in head["shape"]:
        count *= n
    return head["shape"], head["descr"], list(struct.unpack("<%d%s" % (count, code), data[start:]))


class FolderTest(unittest.TestCase):
    """Each test has an empty folder of its own: self.folder, self.path(name), self.write(name, bytes)."""

    def setUp(self):
        self._folder = tempfile.TemporaryDirectory(prefix="irtest-")
        self.folder = self._folder.name

    def tearDown(self):
        self._folder.cleanup()

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, data):
        with open(self.path(name), "wb") as f:
            f.write(data)
        return self.path(name)

    def read(self, name):
        with open(self.path(name), "rb") as f:
            return f.read()

    def names(self):
        """Everything in the folder, hidden files too: nothing may be left behind."""
        return sorted(os.listdir(self.folder))

    def assert_refused(self, result, code):
        """A run ended with this exit status, nothing on standard output, and one line that says why."""
        words = result.stderr.decode()
        self.assertEqual((result.returncode, result.stdout), (code, b""), words)
        self.assertTrue(words.count("\n") == 1 and words.endswith("\n"), words)


def main():
    result = unittest.main(module="__main__", exit=False, verbosity=2).result
    for why in sorted({why for _, why in result.skipped}):
        print("skipped: %s" % why, flush=True)
    if not result.wasSuccessful():
        sys.exit(1)
    if result.testsRun == 0:
        sys.exit("no test here")
    sys.exit(77 if len(result.skipped) == result.testsRun else 0)
