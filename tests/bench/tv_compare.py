#!/usr/bin/env python3
"""Total variation of a 1-MP photograph: tv_bench against scikit-image, in one run.

    tv_compare.py TV_BENCH IMAGES [ROUNDS]

IMAGES: a folder of grey 512x512 pictures, of which four make the photograph. Noise of sigma 25
(seed 0), weight 0.8 sigma. Prints a JSON line: CPU seconds (least of the rounds, alternating), both
objectives 1/2 ||x - f||^2 + w TV(x) and their ratio. Without scikit-image its columns are null.
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
from PIL import Image

try:
    from skimage.restoration import denoise_tv_chambolle
except ImportError:
    denoise_tv_chambolle = None
    print("skipped: scikit-image is not installed", file=sys.stderr)

SIGMA, WEIGHT = 25.0, 20.0


def photograph(folder):
    found = []
    for name in sorted(pathlib.Path(folder).glob("*.png")):
        picture = np.asarray(Image.open(name).convert("L"))
        if picture.shape == (512, 512):
            found.append(picture)
    return np.block([found[0:2], found[2:4]]).astype(np.float64)


def objective(x, f):
    x = x.astype(np.float64)
    down, right = np.zeros_like(x), np.zeros_like(x)
    down[:-1] = x[1:] - x[:-1]
    right[:, :-1] = x[:, 1:] - x[:, :-1]
    return 0.5 * ((x - f) ** 2).sum() + WEIGHT * np.sqrt(down**2 + right**2).sum()


def main():
    program, folder = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    clean = photograph(folder)
    noise = np.random.RandomState(0).randn(*clean.shape) * SIGMA
    f = (clean + noise).astype(np.float32)
    ours = theirs = None
    with tempfile.TemporaryDirectory() as work:
        f.tofile(f"{work}/f")
        command = [program, f"1,1024,1024:{work}/f", str(WEIGHT), "1e-4", "2", f"{work}/x"]
        for _ in range(rounds):
            told = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
            if ours is None or told["cpu_seconds"] < ours["cpu_seconds"]:
                ours = told
            if denoise_tv_chambolle:
                start = time.process_time()
                # Its weight is that of 1/2 ||x - f||^2 + w TV(x), too; in the data's unit.
                other = denoise_tv_chambolle(f.astype(np.float64), weight=WEIGHT)
                spent = time.process_time() - start
                theirs = spent if theirs is None else min(theirs, spent)
        x = np.fromfile(f"{work}/x", np.float32).reshape(clean.shape)
    line = {"bench": "tv_compare", **{k: ours[k] for k in ("isa", "threads", "gap", "iterations")}}
    line["cpu_seconds"] = ours["cpu_seconds"]
    line["objective"] = objective(x, f.astype(np.float64))
    line["psnr"] = float(20 * np.log10(255 / np.sqrt(((x - clean) ** 2).mean())))
    line["scikit_image"] = line["scikit_image_objective"] = line["ratio"] = None
    if theirs:
        line["scikit_image"] = theirs
        line["scikit_image_objective"] = objective(other, f.astype(np.float64))
        line["ratio"] = theirs / ours["cpu_seconds"]
    print(json.dumps(line))


main()
