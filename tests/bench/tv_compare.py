#!/usr/bin/env python3
"""Total variation of a 1-MP photograph: tv_bench against scikit-image, in one run.

    tv_compare.py TV_BENCH IMAGES [ROUNDS]

IMAGES: a folder of grey 512x512 pictures, of which four make the photograph. Noise of sigma 25
(seed 0), weight 0.8 sigma. Prints a JSON line: CPU seconds (least of the rounds, alternating), both
objectives 1/2 ||x - f||^2 + w TV(x) and ratios: `ratio` to a gap of 1e-4 against its defaults, which
stop early; `ratio_200` against its 200 iterations; `ratio_same` to its default objective. Without
scikit-image its columns are null.
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


def measured(command):
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def chambolle(f, **options):
    start = time.process_time()
    x = denoise_tv_chambolle(f, weight=WEIGHT, **options)  # its weight is that of the objective
    return time.process_time() - start, x


def main():
    program, folder = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    clean = photograph(folder)
    noise = np.random.RandomState(0).randn(*clean.shape) * SIGMA
    single = (clean + noise).astype(np.float32)
    f = single.astype(np.float64)
    seconds = {name: [] for name in ("ours", "default", "all_200", "same")}
    line = {"bench": "tv_compare"}
    with tempfile.TemporaryDirectory() as work:
        single.tofile(f"{work}/f")
        command = [program, f"1,1024,1024:{work}/f", str(WEIGHT)]
        for _ in range(rounds):
            told = measured([*command, "1e-4", "2", f"{work}/x"])
            seconds["ours"].append(told["cpu_seconds"])
            if not denoise_tv_chambolle:
                continue
            x = np.fromfile(f"{work}/x", np.float32).reshape(f.shape)
            spent, other = chambolle(f)
            seconds["default"].append(spent)
            excess = objective(other, f) / objective(x, f) - 1
            same = measured([*command, str(excess), "2"])
            seconds["same"].append(same["cpu_seconds"])
            spent, more = chambolle(f, eps=0)
            seconds["all_200"].append(spent)
        x = np.fromfile(f"{work}/x", np.float32).reshape(f.shape)
    line.update({k: told[k] for k in ("isa", "threads", "gap", "iterations")})
    line["cpu_seconds"] = min(seconds["ours"])
    line["objective"] = objective(x, f)
    line["psnr"] = float(20 * np.log10(255 / np.sqrt(((x - clean) ** 2).mean())))
    keys = ("scikit_image", "scikit_image_objective", "ratio", "scikit_image_200",
            "scikit_image_200_objective", "ratio_200", "cpu_seconds_same", "ratio_same")
    line.update(dict.fromkeys(keys))
    if denoise_tv_chambolle:
        default, all_200, same = (min(seconds[k]) for k in ("default", "all_200", "same"))
        values = (default, objective(other, f), default / line["cpu_seconds"], all_200,
                  objective(more, f), all_200 / line["cpu_seconds"], same, default / same)
        line.update(zip(keys, values))
    print(json.dumps(line))


main()
