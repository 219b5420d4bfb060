#!/usr/bin/env python3
"""CPU seconds of TV deblurring (512x512, 9x9 Gaussian, circular) beside Pyxu's PD3O: the same data and objective, each
until its objective is within 1e-3 of the optimum that tv_deblur_bench finds in f64.

    tests/bench/tv_deblur_peer.py [tv_deblur_bench [lambda [rounds]]]     default build/bench/bin/tv_deblur_bench 2e-3 3
"""
import json
import math
import os
import subprocess
import sys
import tempfile
import time
import warnings

bench = sys.argv[1] if len(sys.argv) > 1 else "build/bench/bin/tv_deblur_bench"
weight = float(sys.argv[2]) if len(sys.argv) > 2 else 2e-3
rounds = sys.argv[3] if len(sys.argv) > 3 else "3"
warnings.filterwarnings("ignore")
try:
    import numpy
    import pyxu.operator as operators
    import pyxu.opt.solver as solvers
    import pyxu.opt.stop as stops
    from pyxu.abc import SolverMode
except Exception as missing:
    sys.exit(f"skipped: the peer does not run here ({missing})")

n = 512
line = numpy.exp(-(numpy.arange(9) - 4.0) ** 2 / (2 * 1.5**2))
line /= line.sum()
y, x = numpy.mgrid[:n, :n]
truth = x / (4 * n)
for c in range(12):
    inside = (y - 40 - 37 * (c * 5 % 12)) ** 2 + (x - 45 - 36 * c) ** 2 < (12 + 4 * (c % 5)) ** 2
    truth = truth + inside * 0.1 * (c % 7)
transfer = numpy.zeros(n)
for i in range(9):
    transfer[i - 4] += line[i]
spectrum = numpy.fft.fft(transfer)[:, None] * numpy.fft.fft(transfer)[None, :]


def blur(image):
    return numpy.fft.ifft2(spectrum * numpy.fft.fft2(image)).real


data = blur(truth) + numpy.random.RandomState(1).normal(0, 0.01, (n, n))
data = data.astype(numpy.float32).astype(numpy.float64)


def objective(image):
    down, right = numpy.diff(image, axis=0, append=image[-1:]), numpy.diff(image, axis=1, append=image[:, -1:])
    return 0.5 * ((blur(image) - data) ** 2).sum() + weight * numpy.sqrt(down**2 + right**2).sum()


def ours():
    with tempfile.TemporaryDirectory() as folder:
        name = os.path.join(folder, "y.f32")
        data.astype(numpy.float32).tofile(name)
        return json.loads(subprocess.run([bench, str(weight), rounds, name], check=True, stdout=subprocess.PIPE).stdout)


def peer(target):
    shape = (n, n)
    H = operators.Convolve(dim_shape=shape, kernel=[line, line], center=[4, 4], mode="wrap")
    G = operators.Gradient(dim_shape=shape, diff_method="fd", scheme="forward", accuracy=1, mode="edge")
    H.lipschitz, G.lipschitz = 1, math.sqrt(8)
    fidelity = 0.5 * operators.SquaredL2Norm(dim_shape=shape).argshift(-data) * H
    fidelity.diff_lipschitz = 1
    solver = solvers.PD3O(f=fidelity, h=weight * operators.L21Norm(dim_shape=G.codim_shape, l2_axis=(0,)), K=G,
                          verbosity=100000)
    solver.fit(x0=data, stop_crit=stops.MaxIter(2000), mode=SolverMode.MANUAL)
    least, steps = math.inf, solver.steps()
    next(steps)  # compiles
    for k in range(2, 2000):
        start = time.process_time()
        next(steps)
        least = min(least, time.process_time() - start)
        if k % 5 == 0 and objective(solver._mstate["x"]) <= target:
            return k, k * least, least  # the least step counts for all: a busy machine inflates the sum
    sys.exit("Pyxu did not come within 1e-3 of the optimum")


mine = ours()
iterations, seconds, step = peer(mine["optimum"] * 1.001)
print(json.dumps({"bench": "tv_deblur_peer", "isa": mine["isa"], "lambda": weight,
                  "ours_cpu_seconds_step": mine["cpu_seconds_step"], "pyxu_cpu_seconds_step": round(step, 4),
                  "step_ratio": round(step / mine["cpu_seconds_step"], 1),
                  "ours_iterations": mine["iterations_1e-3"], "pyxu_iterations": iterations,
                  "ours_cpu_seconds": mine["cpu_seconds_1e-3"], "pyxu_cpu_seconds": round(seconds, 3),
                  "ratio": round(seconds / mine["cpu_seconds_1e-3"], 1)}))
