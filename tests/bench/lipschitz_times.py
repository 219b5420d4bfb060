"""Time and interval of ir-lipschitz on two operators: a closed form, and a chain bounded by iteration.

  python3 tests/bench/lipschitz_times.py BUILD/bin [REPEATS]

Prints one line of JSON for each: least wall time and least processor time in seconds of the whole command, the bounds
of ||A||, and the time that is allowed.
"""
import json
import os
import resource
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from irtest import npy  # noqa: E402

CASES = [
    (("-A", "gradient", "--domain", "64,64"), 0.030),
    (("-A", "downsample(2) * mask(@mask.npy) * blur(gaussian(1.5))", "--domain", "512,512", "--tight", "1e-2"), 0.200),
]


def children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main(folder, repeats=15):
    with tempfile.TemporaryDirectory() as work:
        with open(os.path.join(work, "mask.npy"), "wb") as f:
            f.write(npy((512, 512), values=lambda i: i * 7919 % 10 > 2))
        for arguments, allowed in CASES:
            wall, cpu = [], []
            for _ in range(repeats):
                begin, used = time.perf_counter(), children()
                out = subprocess.run([os.path.join(folder, "ir-lipschitz"), *arguments, "--json"], cwd=work, check=True,
                                     stdout=subprocess.PIPE).stdout
                wall.append(time.perf_counter() - begin)
                cpu.append(children() - used)
            answer = json.loads(out)
            print(json.dumps({"operator": arguments[1], "domain": arguments[3], "seconds": round(min(wall), 4),
                              "cpu_seconds": round(min(cpu), 4), "allowed": allowed, "lower": answer["lower"],
                              "upper": answer["upper"]}))


if __name__ == "__main__":
    main(os.path.abspath(sys.argv[1]), *map(int, sys.argv[2:3]))
