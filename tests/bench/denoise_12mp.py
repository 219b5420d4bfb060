#!/usr/bin/env python3
"""Times ir-denoise on a photograph of 12 megapixels: `tests/bench/denoise_12mp.py BIN PICTURE [--runs N]`.

Mirrors PICTURE (8-bit colour) to 4000 x 3000 pixels, adds noise of standard deviation 12 with ir-noise, stores it as
an 8-bit PNG, and prints the least wall time of several runs PNG to PNG with 2 threads, and that of a start-up on a
picture of 32 x 32 pixels, beside its bar. Exits with 1 where a bar is missed. Needs NumPy and Pillow, and an idle machine.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
from PIL import Image

HEIGHT, WIDTH = 3000, 4000
LARGE = (("tv", ["--method", "tv"], 3.0), ("nlm 5x5 / 11x11", ["--method", "nlm", "--patch", "5", "--search", "11"], 4.0))
SMALL = ("start-up", [], 0.030)


def mirrored(picture, height, width):
    grow = ((0, max(0, height - picture.shape[0])), (0, max(0, width - picture.shape[1])), (0, 0))
    return np.pad(picture, grow, mode="symmetric")[:height, :width]


def add_noise(binaries, picture, path):
    clean = path.with_name("clean.png")
    Image.fromarray(picture).save(clean, compress_level=1)
    subprocess.run([binaries / "ir-noise", clean, "--sigma", "12", "--out-dtype", "u8", "-o", path], check=True,
                   stdin=subprocess.DEVNULL)


def least_seconds(binaries, source, options, runs):
    target, least = source.with_name("out.png"), float("inf")
    for _ in range(runs):
        begin = time.monotonic()
        subprocess.run([binaries / "ir-denoise", source, "-o", target, "--force", "--threads", "2", *options], check=True,
                       stdin=subprocess.DEVNULL)
        least = min(least, time.monotonic() - begin)
    return least


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin", type=pathlib.Path)
    parser.add_argument("picture", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=3)
    told = parser.parse_args()
    picture = np.asarray(Image.open(told.picture).convert("RGB"))
    missed = False
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as folder:
        large, small = pathlib.Path(folder) / "large.png", pathlib.Path(folder) / "small.png"
        add_noise(told.bin, mirrored(picture, HEIGHT, WIDTH), large)
        Image.fromarray(picture[:32, :32]).save(small)
        print("load %.1f" % os.getloadavg()[0])
        for name, options, bar in (*LARGE, SMALL):
            start = name == SMALL[0]
            seconds = least_seconds(told.bin, small if start else large, options, 20 if start else told.runs)
            missed |= seconds > bar
            print("%-16s %8.3f s   bar %6.3f s%s" % (name, seconds, bar, "   MISSED" if seconds > bar else ""), flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
