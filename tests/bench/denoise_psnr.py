#!/usr/bin/env python3
"""Quality of ir-denoise on photographs: `tests/bench/denoise_psnr.py BIN IMAGES [--sets set12,bsd68]`.

BIN: the folder with ir-denoise; IMAGES: a folder with set12/ and bsd68/. Prints a table method x sigma of the mean over
the images of each image's PSNR, how often the estimated sigma is within 5 % of the truth, and CPU seconds. Exits with
1 where a bar is missed. Needs NumPy and Pillow.
"""
import argparse
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

import numpy as np
from PIL import Image

PROTOCOL = ("8-bit gray truth; noise N(0, sigma^2) in f64 from numpy RandomState(%d) anew for each set and sigma, images in "
            "order of name; f32 input and result, not clipped, not quantised; mean of each image's PSNR, peak 255")
SIGMAS = (15, 25, 50)
METHODS = {  # options for each sigma: nlm and tv know the noise and nothing else
    "nlm": {s: ["--sigma", str(s)] for s in SIGMAS},
    "tv": {s: ["--sigma", str(s)] for s in SIGMAS},
    "gaussian": {15: ["--width", "0.6"], 25: ["--width", "0.8"], 50: ["--width", "1.1"]},
    "median": {15: ["--radius", "1"], 25: ["--radius", "1"], 50: ["--radius", "2"]},
}
BARS = {("nlm", "bsd68", 25): 27.4, ("tv", "bsd68", 25): 27.45}
WITHIN, HIT_RATE = 0.05, 0.95


def images(folder):
    files = sorted(folder.glob("*.png"))
    if not files:
        raise SystemExit("no PNG images in %s" % folder)
    return [np.asarray(Image.open(f).convert("L"), np.float64) for f in files]


def with_noise(truth, sigma, seed):
    random = np.random.RandomState(seed)
    return [t + random.normal(0, sigma, t.shape) for t in truth]


def cpu_of_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Tool:
    def __init__(self, binary, folder):
        self.binary, self.folder = binary, pathlib.Path(folder)

    def run(self, data, *options):
        """The result, and what --json tells of it."""
        before, after = self.folder / "in.npy", self.folder / "out.npy"
        np.save(before, np.ascontiguousarray(data, np.float32))
        done = subprocess.run([self.binary, before, "-o", after, "--force", "--json", *options],
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit("ir-denoise %s: exit code %d: %s" % (" ".join(options), done.returncode, done.stderr))
        return np.load(after), json.loads(done.stdout)

    def denoise(self, noisy, *options):
        """One stack for all images of a size."""
        sizes = {}
        for k, image in enumerate(noisy):
            sizes.setdefault(image.shape, []).append(k)
        clean = [None] * len(noisy)
        for members in sizes.values():
            for k, image in zip(members, self.run(np.stack([noisy[k] for k in members]), *options)[0]):
                clean[k] = image
        return clean

    def estimate(self, noisy):
        return [self.run(image, "--method", "tv", "--iterations", "1")[1]["sigma"] for image in noisy]


def psnr(truth, result):
    return np.mean([10 * np.log10(255 ** 2 / np.mean((t - r) ** 2)) for t, r in zip(truth, result)])


def table(tool, sets, seed):
    """The rows, printed; what missed its bar."""
    missed = []
    print("| method | set | %s | CPU s |\n|---|---|%s---|" % (" | ".join("sigma %d" % s for s in SIGMAS), "---|" * len(SIGMAS)))
    for name, truth in sets.items():
        noisy = {s: with_noise(truth, s, seed) for s in SIGMAS}
        rows = [["noisy", ["%.2f" % psnr(truth, noisy[s]) for s in SIGMAS], 0.0]]
        for method, options in METHODS.items():
            begin, cells = cpu_of_children(), []
            for s in SIGMAS:
                found = psnr(truth, tool.denoise(noisy[s], "--method", method, *options[s]))
                cells.append("%.2f (%s)" % (found, " ".join(options[s]).replace("--", "")))
                if found < BARS.get((method, name, s), 0):
                    missed.append("%s, %s, sigma %d: %.3f dB, bar %.2f" % (method, name, s, found, BARS[method, name, s]))
            rows.append([method, cells, cpu_of_children() - begin])
        for method, cells, seconds in rows:
            print("| %s | %s | %s | %.1f |" % (method, name, " | ".join(cells), seconds), flush=True)
    return missed


def estimates(tool, sets, seed):
    missed = []
    for s in SIGMAS:
        found = np.array([e for truth in sets.values() for e in tool.estimate(with_noise(truth, s, seed))]) / s
        hits = np.mean(np.abs(found - 1) <= WITHIN)
        print("sigma auto at %d: %.1f %% of %d images within 5 %%, estimate / truth %.3f to %.3f, median %.3f"
              % (s, 100 * hits, len(found), found.min(), found.max(), np.median(found)), flush=True)
        if hits < HIT_RATE:
            missed.append("sigma auto at %d: %.1f %%, bar %.0f %%" % (s, 100 * hits, 100 * HIT_RATE))
    return missed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin", type=pathlib.Path)
    parser.add_argument("images", type=pathlib.Path)
    parser.add_argument("--sets", default="set12,bsd68", help="of the folders in IMAGES")
    parser.add_argument("--seed", type=int, default=0)
    told = parser.parse_args()
    sets = {name: images(told.images / name) for name in told.sets.split(",")}
    print(PROTOCOL % told.seed)
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as folder:
        begin, tool = time.monotonic(), Tool(told.bin / "ir-denoise", folder)
        missed = table(tool, sets, told.seed) + estimates(tool, sets, told.seed)
    print("%.0f s of wall time" % (time.monotonic() - begin))
    for line in missed:
        print("MISSED " + line)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
