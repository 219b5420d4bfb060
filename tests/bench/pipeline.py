#!/usr/bin/env python3
"""Times programs together and alone: `tests/bench/pipeline.py BIN [--runs N] [--json]`.

pipe      wall time of read | deconvolve | write over that of the slowest of the three alone    bar 1.15
together  CPU seconds of three tools at once on two processors over those of each alone          bar 1.30
start     wall time of ir-info on a small file, in milliseconds, and its CPU time                bar 15

What is compared alternates, the least of several runs counts. Files lie in memory (/dev/shm), so that no disk is
measured. Run by hand: a busy machine measures nothing, so `load` tells how busy it was.
"""
import argparse
import json
import os
import random
import struct
import subprocess
import tempfile
import time

FRAMES, SIDE = 48, 1024
DECONVOLVE = ["ir-deconvolve", "--psf", "psf.npy"]  # --iterations N is added


def npy(path, shape, dtype, body):
    head = "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }" % (dtype, "".join("%d, " % n for n in shape))
    head += " " * (-(len(head) + 11) % 64) + "\n"
    with open(path, "wb") as f:
        f.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode())
        f.write(body)


class Bench:
    def __init__(self, folder, binaries, runs):
        self.folder, self.runs = folder, runs
        self.env = {**os.environ, "PATH": binaries + os.pathsep + os.environ["PATH"]}

    def start(self, command, stdin=None, stdout=None):
        return subprocess.Popen(command, cwd=self.folder, env=self.env, stdin=stdin or subprocess.DEVNULL,
                                stdout=stdout or subprocess.DEVNULL)

    def end(self, process):
        """CPU seconds of a process that must succeed."""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise SystemExit("%s: exit code %d" % (" ".join(process.args), process.returncode))
        return used.ru_utime + used.ru_stime

    def timed(self, *commands, source=None, target=None):
        """(wall, CPU) seconds of a pipeline."""
        begin = time.monotonic()
        processes, before = [], open(source, "rb") if source else None
        for i, command in enumerate(commands):
            last = i + 1 == len(commands)
            sink = (open(target, "wb") if target else None) if last else subprocess.PIPE
            processes.append(self.start(command, before, sink))
            if before:
                before.close()
            before = processes[-1].stdout
        cpu = sum(self.end(p) for p in processes)
        return time.monotonic() - begin, cpu

    def at(self, name):
        return os.path.join(self.folder, name)

    def make_data(self):
        noise = random.Random(1)
        frame = struct.pack("<%dH" % (SIDE * SIDE), *(200 + noise.getrandbits(10) for _ in range(SIDE * SIDE)))
        npy(self.at("stack.npy"), (FRAMES, SIDE, SIDE), "<u2", frame * FRAMES)
        self.timed(["ir-phantom", "gaussian", "--sigma", "2", "-o", "psf.npy"])
        self.timed(["ir-read", "stack.npy", "-o", "stack.tif"])
        self.timed(["ir-read", "stack.npy"], target=self.at("stack.irs"))
        self.timed([*DECONVOLVE, "stack.npy"], target=self.at("sharp.irs"))

    def least(self, cases):
        """Least (wall, CPU) seconds of each case; the cases alternate."""
        found = {name: (float("inf"),) * 2 for name in cases}
        for _ in range(self.runs):
            for name, case in cases.items():
                found[name] = tuple(map(min, found[name], case()))
        return found

    def pipe(self):
        read, write = ["ir-read", "stack.tif"], ["ir-write", "out.tif", "-f"]
        t = self.least({
            "pipe": lambda: self.timed(read, DECONVOLVE, write),
            "read": lambda: self.timed(read),
            "deconvolve": lambda: self.timed(DECONVOLVE, source=self.at("stack.irs")),
            "write": lambda: self.timed(write, source=self.at("sharp.irs")),
        })
        slowest = max((t[n][0], n) for n in t if n != "pipe")
        return {"wall": {n: round(w, 3) for n, (w, _) in t.items()}, "cpu": {n: round(c, 3) for n, (_, c) in t.items()},
                "slowest": slowest[1], "ratio": round(t["pipe"][0] / slowest[0], 3), "bar": 1.15}

    def together(self):
        commands = {"deconvolve": [*DECONVOLVE, "stack.npy"], "convolve": ["ir-convolve", "stack.npy", "--psf", "psf.npy"],
                    "noise": ["ir-noise", "stack.npy", "--sigma", "3", "--poisson"]}

        def all_at_once():
            processes = [self.start(c) for c in commands.values()]
            return 0, sum(self.end(p) for p in processes)

        t = self.least({**{n: lambda c=c: self.timed(c) for n, c in commands.items()}, "together": all_at_once})
        alone = sum(t[n][1] for n in commands)
        return {"cpu": {n: round(c, 3) for n, (_, c) in t.items()}, "alone": round(alone, 3),
                "ratio": round(t["together"][1] / alone, 3), "bar": 1.3}

    def info(self):
        npy(self.at("small.npy"), (16, 16), "<u2", bytes(512))
        runs = [self.timed(["ir-info", "small.npy"]) for _ in range(10 * self.runs)]
        wall, cpu = (round(1000 * min(t), 2) for t in zip(*runs))
        return {"wall_milliseconds": wall, "cpu_milliseconds": cpu, "bar": 15}


def processor():
    with open("/proc/cpuinfo") as f:
        return next((line.split(":")[1].strip() for line in f if line.startswith("model name")), "unknown")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("bin", help="folder of the built tools")
    arguments.add_argument("--runs", type=int, default=7)
    arguments.add_argument("--iterations", default="20", help="of ir-deconvolve; 20 is its default")
    arguments.add_argument("--json", action="store_true")
    o = arguments.parse_args()
    DECONVOLVE.extend(["--iterations", o.iterations])
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        bench = Bench(folder, os.path.abspath(o.bin), o.runs)
        bench.make_data()
        result = {"processor": processor(), "processors": len(os.sched_getaffinity(0)), "frames": FRAMES,
                  "extents": [SIDE, SIDE], "runs": o.runs, "load_before": round(os.getloadavg()[0], 2),
                  "start": bench.info(), "together": bench.together(), "pipe": bench.pipe()}
        result["load_after"] = round(os.getloadavg()[0], 2)
    if o.json:
        return print(json.dumps(result))
    for name, value in result.items():
        print("%-11s %s" % (name, value))


if __name__ == "__main__":
    main()
