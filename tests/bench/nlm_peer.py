#!/usr/bin/env python3
"""CPU seconds of non-local means beside OpenCV's 8-bit fastNlMeansDenoising: 1 megapixel, patches of 7, search of 21,
in turns, the least of each.

    tests/bench/nlm_peer.py [nlm_bench [rounds]]     default build/bench/bin/nlm_bench 5
"""
import json
import subprocess
import sys
import time

bench = sys.argv[1] if len(sys.argv) > 1 else "build/bench/bin/nlm_bench"
rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
try:
    import cv2
    import numpy
except ImportError as missing:
    sys.exit(f"skipped: the peer is not installed ({missing})")

noisy = numpy.random.RandomState(0).normal(128, 25, (1000, 1000)).clip(0, 255).astype(numpy.uint8)


def peer():
    start = time.process_time()
    cv2.fastNlMeansDenoising(noisy, None, h=22.5, templateWindowSize=7, searchWindowSize=21)
    return time.process_time() - start


def ours():
    line = subprocess.run([bench, "1", "gray"], check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(line)["cpu_seconds"]


turns = [(ours(), peer()) for _ in range(rounds)]
mine, theirs = (min(turn[i] for turn in turns) for i in (0, 1))
print(json.dumps({"bench": "nlm_peer", "ours_cpu_seconds": round(mine, 4), "opencv_cpu_seconds": round(theirs, 4),
                  "opencv": cv2.__version__, "ratio": round(theirs / mine, 2)}))
