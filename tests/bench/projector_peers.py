#!/usr/bin/env python3
"""Projection and its adjoint beside ASTRA's: `tests/bench/projector_peers.py PROJECTOR_BENCH [--size 512 --views 180 --rounds 3]`.

Runs projector_bench (32 slices, and one) and ASTRA's CPU projectors, FP and BP, in turns; the least CPU seconds a slice of each
count. ASTRA's fastest is its 'linear' or its 'line' projector; 'pair' is a forward and a backward projection, the cost of an
iteration of SIRT. Where ASTRA is not installed it is said to be absent. Prints one JSON line.
"""
import argparse
import json
import subprocess
import time

import numpy as np


def astra_pair(kind, n, views):
    import astra
    volume = astra.create_vol_geom(n, n)
    scan = astra.create_proj_geom("parallel", 1.0, n, np.arange(views) * np.pi / views)
    projector = astra.create_projector(kind, scan, volume)
    y, x = np.mgrid[:n, :n] - (n - 1) / 2
    pixels = astra.data2d.create("-vol", volume, (np.hypot(y, x) < 0.4 * n).astype(np.float32))
    sinogram = astra.data2d.create("-sino", scan, 1.0)
    back = astra.data2d.create("-vol", volume)
    runs = []
    for name, data in (("FP", {"VolumeDataId": pixels}), ("BP", {"ReconstructionDataId": back})):
        config = astra.astra_dict(name)
        config.update(ProjectorId=projector, ProjectionDataId=sinogram, **data)
        algorithm = astra.algorithm.create(config)
        runs.append(lambda a=algorithm: astra.algorithm.run(a))
    return runs


def seconds_of(run):
    start = time.process_time()
    run()
    return time.process_time() - start


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bench")
    for name, value in (("size", 512), ("views", 180), ("rounds", 3)):
        parser.add_argument("--" + name, type=int, default=value)
    a = parser.parse_args()

    def ours():
        command = [a.bench, "32", str(a.size), str(a.views), "3"]
        return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    result = {"bench": "projector_peers", "size": a.size, "views": a.views}
    told, peers = [ours()], {}
    for kind in ("linear", "line"):
        try:
            peers[kind] = astra_pair(kind, a.size, a.views)
        except ImportError:
            result["astra"] = "absent"
    seconds = {kind: [] for kind in peers}
    for _ in range(a.rounds):
        for kind, runs in peers.items():
            seconds[kind].append([seconds_of(run) for run in runs])
        told.append(ours())
    least = {key: min(t[key] for t in told) for key in told[0] if key.endswith("seconds")}
    updates = 1e-9 * a.size ** 2 * a.views
    stack = np.array([least["forward_seconds"], least["adjoint_seconds"]]) / 32
    one = np.array([least["one_slice_forward_seconds"], least["one_slice_adjoint_seconds"]])
    result.update(gups=(updates / stack).round(2).tolist(), one_slice_gups=(updates / one).round(2).tolist())
    if seconds:
        fastest = np.min([np.min(times, axis=0) for times in seconds.values()], axis=0)
        pair = min(np.min(times, axis=0).sum() for times in seconds.values())
        result.update({f"astra_{kind}_gups": (updates / np.min(times, axis=0)).round(3).tolist()
                       for kind, times in seconds.items()})
        result.update(times_astra=(fastest / stack).round(1).tolist(), one_slice_times_astra=(fastest / one).round(1).tolist(),
                      pair_times_astra=round(pair / stack.sum(), 1), one_slice_pair_times_astra=round(pair / one.sum(), 1))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
