#!/usr/bin/env python3
"""How near the rules for the weight of total variation come to the best weight of each image.

    tv_weight.py IR_DENOISE IMAGE...

Gray (with --colour first: colour) images, N(0, sigma^2) from RandomState(0) for each. Prints for
sigma 15, 25, 50 and each rule the PSNR lost against the best of eight weights from 0.45 to 1.1
(colour: 0.7 to 1.7) sigma, in dB: mean and worst (below 0: better than all eight), and the median
of the best weight and of the one that sure finds, in units of sigma.
"""
import json
import subprocess
import sys
import tempfile

import numpy as np
from PIL import Image

GRID = np.array([0.45, 0.55, 0.65, 0.7, 0.77, 0.85, 0.95, 1.1])


def denoised(program, work, *options):
    command = [program, f"{work}/noisy.npy", "--method", "tv", "-o", f"{work}/x.npy", "-f", "--json"]
    done = subprocess.run([*command, *options], check=True, capture_output=True, text=True)
    return np.load(f"{work}/x.npy").astype(float), json.loads(done.stdout)


def psnr(x, truth):
    return 20 * np.log10(255 / np.sqrt(((x - truth) ** 2).mean()))


def main():
    colour = sys.argv[1] == "--colour"
    program, *names = sys.argv[2 if colour else 1:]
    grid = GRID * (1.55 if colour else 1)
    layout = ["--axes", "c,y,x"] if colour else []
    with tempfile.TemporaryDirectory() as work:
        for sigma in (15, 25, 50):
            lost, best_at, found = {"sigma": [], "sure": [], "discrepancy": []}, [], []
            for name in names:
                truth = np.asarray(Image.open(name).convert("RGB" if colour else "L")).astype(float)
                truth = truth.transpose(2, 0, 1) if colour else truth
                noise = np.random.RandomState(0).randn(*truth.shape) * sigma
                np.save(f"{work}/noisy.npy", (truth + noise).astype(np.float32))
                tried = [psnr(denoised(program, work, *layout, "--gap", "1e-3", "--weight",
                                       str(k * sigma))[0], truth) for k in grid]
                best_at.append(grid[int(np.argmax(tried))])
                for rule in lost:
                    by = [] if rule == "sigma" else ["--weight", rule]
                    x, told = denoised(program, work, *layout, "--sigma", str(sigma), *by)
                    lost[rule].append(max(tried) - psnr(x, truth))
                    if rule == "sure":
                        found.append(told["weight"] / sigma)
            line = {"bench": "tv_weight", "images": len(names), "sigma": sigma,
                    "best": float(np.median(best_at)), "sure": float(np.median(found))}
            for rule, values in lost.items():
                line[f"lost_{rule}"] = [round(float(np.mean(values)), 3), round(max(values), 3)]
            print(json.dumps(line), flush=True)


main()
