#!/usr/bin/env python3
"""How the time of greedy suppression grows with the number of boxes, for five distributions of them.

    python3 bench/nms_scaling.py [--device opencl:pocl] [--most 200000] [--svg FILE] [--json FILE]

Prints a row a distribution and number of boxes: milliseconds of one call until it is finished (sorting
included, the median of several), boxes kept, launches, bytes of device memory a box (inputs and outputs
included) and bytes read back, which are none: results stay on the device. --svg draws the curves (needs
matplotlib). Needs build/libdetcl.so and numpy.
"""

import argparse
import ctypes
import json
import os
import statistics
import sys
import time

import numpy as np

from libdetcl import Detcl, NmsParams

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
COUNTS = [100, 300, 1000, 3000, 10000, 30000, 100000, 200000]


def at(corner, size):
    return np.concatenate([corner, corner + size], 1).astype(np.float32)


def uniform(rng, n):
    return at(rng.random((n, 2)) * 900, 10 + 90 * rng.random((n, 2))), rng.random(n)


def clustered(rng, n):
    """As a region proposal network gives them: crowds around 50 objects, scores falling outwards."""
    centre, size = 50 + 900 * rng.random((50, 2)), np.exp(rng.uniform(2.5, 5.5, (50, 2)))
    of = rng.integers(0, 50, n)
    shift = rng.standard_normal((n, 2)) * 0.25
    sizes = size[of] * np.exp(rng.standard_normal((n, 2)) * 0.25)
    scores = np.exp(-(shift**2).sum(1) * 4) * rng.random(n)
    return at(centre[of] + shift * size[of] - sizes / 2, sizes), scores


def all_overlapping(rng, n):
    return at(500 + rng.random((n, 2)), 100 + rng.random((n, 2))), rng.random(n)


def none_overlapping(rng, n):
    side = int(np.ceil(np.sqrt(n)))
    cell = np.stack([np.arange(n) % side, np.arange(n) // side], 1) * 12.0
    return at(cell, np.full((n, 2), 10.0)), rng.random(n)


def equal_scores(rng, n):
    return uniform(rng, n)[0], np.full(n, 0.5)


DISTRIBUTIONS = [uniform, clustered, all_overlapping, none_overlapping, equal_scores]


def time_call(d, call):
    call()
    d.finish()
    times, until = [], time.perf_counter() + 0.2
    while len(times) < 3 or (time.perf_counter() < until and len(times) < 200):
        start = time.perf_counter()
        call()
        d.finish()
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times)


def measure(d, distribution, n):
    boxes, scores = distribution(np.random.default_rng(0), n)
    tensors = [d.tensor(boxes[None].astype(np.float32)), d.tensor(scores[None].astype(np.float32)),
               d.tensor(shape=(1, n), dtype="int32"), d.tensor(shape=(1,), dtype="int32")]
    params = ctypes.byref(NmsParams(iou_threshold=0.5, score_threshold=-np.inf))
    ms = time_call(d, lambda: d.call("detcl_nms", params, *tensors[:2], None, None, None, *tensors[2:]))
    stats = d.stats("nms", "iou_threshold=0.5", [("float32", (1, n, 4)), ("float32", (1, n))])
    row = {"distribution": distribution.__name__, "boxes": n, "ms": ms,
           "kept": int(d.read(tensors[3], (1,), np.int32)[0]), "launches": stats.launches,
           "bytes_a_box": stats.device_bytes / n, "bytes_read": 0}
    for t in tensors:
        d.destroy(t)
    print("%-18s %7d boxes  %10.3f ms  %7d kept  %2d launches  %5.0f bytes a box  %d bytes read"
          % tuple(row[k] for k in ("distribution", "boxes", "ms", "kept", "launches", "bytes_a_box",
                                   "bytes_read")), flush=True)
    return row


def draw(rows, title, path):
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4.5))
    for distribution in DISTRIBUTIONS:
        mine = [r for r in rows if r["distribution"] == distribution.__name__]
        axes.loglog([r["boxes"] for r in mine], [r["ms"] for r in mine], marker="o",
                    label=distribution.__name__.replace("_", " "))
    axes.set(xlabel="boxes", ylabel="milliseconds a call", title=title)
    axes.grid(True, which="both", alpha=0.25)
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, format="svg")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--library", default=os.path.join(ROOT, "build", "libdetcl.so"))
    parser.add_argument("--device", default="opencl:pocl")
    parser.add_argument("--most", type=int, default=COUNTS[-1], help="boxes at most")
    parser.add_argument("--svg", help="draw the curves into this file")
    parser.add_argument("--json", help="write the rows into this file")
    args = parser.parse_args()
    d = Detcl(args.library, args.device)
    rows = [measure(d, f, n) for f in DISTRIBUTIONS for n in COUNTS if n <= args.most]
    if args.svg:
        draw(rows, "Greedy NMS, IoU 0.5, " + args.device, args.svg)
    if args.json:
        with open(args.json + ".tmp", "w") as out:
            json.dump({"command": " ".join(["python3"] + sys.argv), "device": args.device, "rows": rows},
                      out, indent=1)
            out.write("\n")
        os.replace(args.json + ".tmp", args.json)


if __name__ == "__main__":
    main()
