#!/usr/bin/env python3
"""filter_bench beside OpenCV's medianBlur and GaussianBlur, alternated; the least CPU time of each.

    filter_pair.py FILTER_BENCH [rounds]

Both filter a picture of 1024 x 1024 of the same kind. Without OpenCV its column is skipped.
"""
import json
import subprocess
import sys
import time

try:
    import cv2
    import numpy as np
except ImportError as missing:
    cv2 = None
    print(f"skipped: the column of OpenCV ({missing})", file=sys.stderr)

SIDE = 1024


def picture(kind):
    most = {"u8": 255, "u16": 65535}.get(kind, 1)
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(float)
    noise = np.random.default_rng(1).normal(0, 0.05, (SIDE, SIDE))
    v = 0.5 + 0.2 * np.sin(x / 60 + y / 90) + 0.15 * np.cos(x / 13) * np.sin(y / 17) + noise
    scaled = np.clip(v * most, 0, most) if most > 1 else v
    return scaled.astype({"u8": np.uint8, "u16": np.uint16, "f64": np.float64}.get(kind, np.float32))


def peer(case, picture_of):
    """The call that does the same, or None: OpenCV has 16-bit and float medians up to 5 x 5."""
    image = picture_of[case["type"]]
    if case["method"] == "gaussian":
        size = 2 * int(4 * case["width"] + 0.5) + 1
        return lambda: cv2.GaussianBlur(image, (size, size), case["width"],
                                        borderType=cv2.BORDER_REFLECT)
    radius = int(case["radius"])
    if case["type"] == "f64" or (case["type"] != "u8" and radius > 2):
        return None
    return lambda: cv2.medianBlur(image, 2 * radius + 1)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    pictures = {kind: picture(kind) for kind in ("u8", "u16", "f32", "f64")} if cv2 else {}
    ours, theirs = {}, {}
    for _ in range(rounds):
        out = subprocess.run([sys.argv[1], str(SIDE), str(SIDE), "3"], check=True,
                             capture_output=True, text=True).stdout
        for line in out.splitlines():
            case = json.loads(line)
            key = (case["method"], case["type"], case.get("radius", case.get("width")))
            if key not in ours or case["cpu_seconds"] < ours[key]["cpu_seconds"]:
                ours[key] = case
            call = peer(case, pictures) if cv2 else None
            for _ in range(3 if call else 0):
                start = time.process_time()
                call()
                theirs[key] = min(theirs.get(key, 1e9), time.process_time() - start)
    for key, case in ours.items():
        if key in theirs:
            case["opencv_cpu_seconds"] = round(theirs[key], 5)
            case["of_opencv"] = round(case["cpu_seconds"] / theirs[key], 3)
        print(json.dumps(case))


if __name__ == "__main__":
    main()
