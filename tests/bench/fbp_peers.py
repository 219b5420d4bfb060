#!/usr/bin/env python3
"""Filtered backprojection beside its peers: `tests/bench/fbp_peers.py FBP_BENCH [--size 512 --views 720 --rounds 3]`.

Runs fbp_bench (32 slices, and one), ASTRA's fastest CPU FBP and scikit-image's iradon in turns on the same exact sinogram
of the Shepp-Logan phantom; the least CPU seconds a slice of each count, and the error against the phantom in the disc of
radius n/2 - 2 (iradon's includes half a pixel of shift: its axis is pixel n // 2). A peer that is not installed is said to be absent. Prints one JSON line.
"""
import argparse
import json
import subprocess
import tempfile
import time

import numpy as np


def astra_fbp(sinogram, n):
    import astra
    volume = astra.create_vol_geom(n, n)
    angles = np.arange(len(sinogram)) * np.pi / len(sinogram)
    scan = astra.create_proj_geom("parallel", 1.0, n, angles)
    projector = astra.create_projector("linear", scan, volume)
    data = astra.data2d.create("-sino", scan, sinogram)
    result = astra.data2d.create("-vol", volume)
    config = astra.astra_dict("FBP")
    config.update(ProjectorId=projector, ProjectionDataId=data, ReconstructionDataId=result, FilterType="Ram-Lak")
    algorithm = astra.algorithm.create(config)

    def run():
        astra.algorithm.run(algorithm)
        return astra.data2d.get(result)
    return run


def skimage_fbp(sinogram, n):
    from skimage.transform import iradon
    angles = np.arange(len(sinogram)) * 180 / len(sinogram)
    columns = np.ascontiguousarray(sinogram.T)
    return lambda: iradon(columns, angles, output_size=n, filter_name="ramp", circle=True)


def error(slice_, phantom):
    n = len(phantom)
    y, x = np.mgrid[:n, :n] - (n - 1) / 2
    disc = np.hypot(y, x) <= n / 2 - 2
    turned = [slice_, slice_[::-1], slice_[:, ::-1], slice_[::-1, ::-1]]  # each has its own orientation
    return float(min(np.sqrt(np.mean((t - phantom)[disc] ** 2)) for t in turned))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bench")
    for name, value in (("size", 512), ("views", 720), ("rounds", 3)):
        parser.add_argument("--" + name, type=int, default=value)
    a = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        def ours():
            command = [a.bench, "32", str(a.size), str(a.views), "2", folder]
            return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        told = [ours()]
        sinogram = np.fromfile(folder + "/sinogram.f32", np.float32).reshape(a.views, a.size)
        phantom = np.fromfile(folder + "/phantom.f32", np.float32).reshape(a.size, a.size)
        peers, result = {}, {"bench": "fbp_peers", "size": a.size, "views": a.views}
        for name, make in (("astra", astra_fbp), ("skimage", skimage_fbp)):
            try:
                peers[name] = make(sinogram, a.size)
            except ImportError:
                result[name] = "absent"
        seconds = {name: [] for name in peers}
        for _ in range(a.rounds):
            for name, run in peers.items():
                start = time.process_time()
                picture = run()
                seconds[name].append(time.process_time() - start)
                result[name + "_rmse"] = round(error(picture, phantom), 5)
            told.append(ours())
    stack = min(t["cpu_seconds"] for t in told) / 32
    one = min(t["one_slice_seconds"] for t in told)
    updates = 1e-9 * a.size ** 2 * a.views
    result.update(gups=round(updates / stack, 2), one_slice_gups=round(updates / one, 2), rmse=told[0]["rmse"])
    for name, times in seconds.items():
        least = min(times)
        result.update({name + "_gups": round(updates / least, 4), "times_" + name: round(least / stack, 1),
                       "one_slice_times_" + name: round(least / one, 1)})
    print(json.dumps(result))


if __name__ == "__main__":
    main()
