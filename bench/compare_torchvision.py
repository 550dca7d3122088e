#!/usr/bin/env python3
"""Detection operations next to torchvision on the same processor: the same data, in turn.

    python3 bench/compare_torchvision.py [--device opencl:pocl] [--rounds 7] [--only GLOB] [--json FILE]

Needs build/libdetcl.so and torch with torchvision (Debian's python3-torchvision: then run it with
/usr/bin/python3). Inputs lie in the device's memory before the clock starts and results stay there; the
time is that of one call until everything is finished, sorting included. A round times both in turn; the
ratio is the median over the rounds. Answers are compared before anything is timed. Only ratios of one run
mean anything on a busy machine.
"""

import argparse
import ctypes
import fnmatch
import json
import os
import platform
import statistics
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
THREADS = 2
os.environ.setdefault("POCL_MAX_PTHREAD_COUNT", str(THREADS))
os.environ.setdefault("OMP_NUM_THREADS", str(THREADS))

import numpy as np  # noqa: E402
import torch  # noqa: E402
import torchvision  # noqa: E402

from libdetcl import (  # noqa: E402
    DecodeBoxesParams,
    DecodeSsdParams,
    DeformParams,
    Detcl,
    NmsParams,
    RoiAlignParams,
)

def some_boxes(rng, n, side=1000.0, low=10.0, high=100.0):
    at = rng.random((n, 2), dtype=np.float32) * (side - high)
    size = low + rng.random((n, 2), dtype=np.float32) * (high - low)
    return np.concatenate([at, at + size], 1).astype(np.float32)


def nms_case(n, classes):
    """Uniform boxes of 10 to 100 pixels over 1000 x 1000."""

    def make(d, rng):
        boxes, scores = some_boxes(rng, n), rng.random(n, dtype=np.float32)
        of = rng.integers(0, max(classes, 1), n).astype(np.int32)
        t_boxes, t_scores, t_of = map(torch.from_numpy, (boxes, scores, of.astype(np.int64)))
        if classes:
            theirs = lambda: torchvision.ops.batched_nms(t_boxes, t_scores, t_of, 0.5)  # noqa: E731
        else:
            theirs = lambda: torchvision.ops.nms(t_boxes, t_scores, 0.5)  # noqa: E731
        params = ctypes.byref(NmsParams(iou_threshold=0.5, score_threshold=-np.inf))
        a, b = d.tensor(boxes[None]), d.tensor(scores[None])
        c = d.tensor(of[None]) if classes else None
        keep, kept = d.tensor(shape=(1, n), dtype="int32"), d.tensor(shape=(1,), dtype="int32")
        ours = lambda: d.call("detcl_nms", params, a, b, c, None, None, keep, kept)  # noqa: E731

        def agree():
            count = int(d.read(kept, (1,), np.int32)[0])
            found, expected = d.read(keep, (1, n), np.int32)[0, :count], theirs().numpy()
            # The coordinate offsets of batched_nms lose precision: near ties may fall the other way.
            same = len(np.intersect1d(found, expected))
            return same >= (1 if not classes else 0.999) * max(count, len(expected))

        return ours, theirs, agree

    return make


def iou_case(n):
    def make(d, rng):
        boxes = [some_boxes(rng, n) for _ in range(2)]
        t = [torch.from_numpy(b) for b in boxes]
        a, b = (d.tensor(x) for x in boxes)
        y = d.tensor(shape=(n, n))
        ours = lambda: d.call("detcl_box_iou", 0, a, b, y)  # noqa: E731
        theirs = lambda: torchvision.ops.box_iou(*t)  # noqa: E731
        return ours, theirs, lambda: np.allclose(d.read(y, (n, n), np.float32), theirs().numpy(), 1e-5, 1e-6)

    return make


def close(found, expected, tolerance=1e-4):
    return np.allclose(found, expected.numpy(), tolerance, tolerance)


def roi_align_case(d, rng):
    """1,000 RoIs of 20 to 400 pixels on a map of stride 16."""
    c, h, w, n = 256, 50, 68, 1000
    x = rng.standard_normal((1, c, h, w), dtype=np.float32)
    at = rng.random((n, 2), dtype=np.float32) * np.float32([w * 16 - 420, h * 16 - 420])
    rois = np.concatenate([at, at + 20 + 380 * rng.random((n, 2), dtype=np.float32)], 1)
    t_x = torch.from_numpy(x)
    t_rois = torch.from_numpy(np.concatenate([np.zeros((n, 1), np.float32), rois], 1))
    theirs = lambda: torchvision.ops.roi_align(t_x, t_rois, 7, 1 / 16, 2, True)  # noqa: E731
    params = ctypes.byref(RoiAlignParams(7, 7, 2, 1 / 16, 1, 0))
    a, b, y = d.tensor(x), d.tensor(rois), d.tensor(shape=(n, c, 7, 7))
    ours = lambda: d.call("detcl_roi_align", params, a, b, None, None, y)  # noqa: E731
    return ours, theirs, lambda: close(d.read(y, (n, c, 7, 7), np.float32), theirs())


def deform_case(channels, size):
    def make(d, rng):
        x = rng.standard_normal((1, channels, size, size), dtype=np.float32)
        w = rng.standard_normal((channels, channels, 3, 3), dtype=np.float32) * 0.05
        offset = 2 * rng.standard_normal((1, 18, size, size), dtype=np.float32)
        mask = rng.random((1, 9, size, size), dtype=np.float32)
        t = [torch.from_numpy(v) for v in (x, offset, w, mask)]
        theirs = lambda: torchvision.ops.deform_conv2d(t[0], t[1], t[2], None, 1, 1, 1, t[3])  # noqa: E731
        one = (ctypes.c_int64 * 2)(1, 1)
        params = ctypes.byref(DeformParams(one, one, one, 1, 1))
        v = [d.tensor(a) for a in (x, w, offset, mask)]
        y = d.tensor(shape=x.shape)
        ours = lambda: d.call("detcl_deform_conv2d", params, *v, None, y)  # noqa: E731
        return ours, theirs, lambda: close(d.read(y, x.shape, np.float32), theirs(), 1e-3)

    return make


def yolov8_case(d, rng):
    """[1, 84, 8400], as exported: boxes to corners, rows of 80 scores."""
    x = rng.random((1, 84, 8400), dtype=np.float32) * 0.9
    t = torch.from_numpy(x)

    def theirs():
        rows = t[0].transpose(0, 1)
        return torchvision.ops.box_convert(rows[:, :4], "cxcywh", "xyxy"), rows[:, 4:].contiguous()

    params = ctypes.byref(DecodeBoxesParams(coding=1, channels_first=1))
    a, boxes, scores = d.tensor(x), d.tensor(shape=(1, 8400, 4)), d.tensor(shape=(1, 8400, 80))
    ours = lambda: d.call("detcl_decode_boxes", params, a, None, boxes, scores)  # noqa: E731
    return ours, theirs, lambda: (close(d.read(boxes, (8400, 4), np.float32), theirs()[0])
                                  and close(d.read(scores, (8400, 80), np.float32), theirs()[1]))


def ssd_case(d, rng):
    """8,732 priors, 81 classes: offsets to corners, softmax."""
    m, c = 8732, 81
    loc = rng.standard_normal((1, m, 4), dtype=np.float32)
    conf = rng.standard_normal((1, m, c), dtype=np.float32)
    priors = np.concatenate([rng.random((m, 2), dtype=np.float32),
                             0.05 + 0.3 * rng.random((m, 2), dtype=np.float32)], 1)
    t_loc, t_conf, t_p = (torch.from_numpy(v) for v in (loc[0], conf[0], priors))

    def theirs():
        middle = t_p[:, :2] + t_loc[:, :2] * 0.1 * t_p[:, 2:]
        half = t_p[:, 2:] * torch.exp(t_loc[:, 2:] * 0.2) * 0.5
        return torch.cat([middle - half, middle + half], 1) * 300, torch.softmax(t_conf, 1)

    params = ctypes.byref(DecodeSsdParams(300, 300, 0.1, 0.2))
    a, b, p = d.tensor(loc), d.tensor(conf), d.tensor(priors)
    boxes, scores = d.tensor(shape=(1, m, 4)), d.tensor(shape=(1, m, c))
    ours = lambda: d.call("detcl_decode_ssd", params, a, b, p, boxes, scores)  # noqa: E731
    return ours, theirs, lambda: (close(d.read(boxes, (m, 4), np.float32), theirs()[0])
                                  and close(d.read(scores, (m, c), np.float32), theirs()[1]))


def topk_case(d, rng):
    x = rng.random((1, 200000), dtype=np.float32)
    t = torch.from_numpy(x)
    a = d.tensor(x)
    values, indices = d.tensor(shape=(1, 1000)), d.tensor(shape=(1, 1000), dtype="int64")
    ours = lambda: d.call("detcl_topk", ctypes.c_int64(1000), 1, a, values, indices)  # noqa: E731
    theirs = lambda: torch.topk(t, 1000)  # noqa: E731
    return ours, theirs, lambda: np.array_equal(d.read(values, (1, 1000), np.float32), theirs()[0].numpy())


def sort_case(d, rng):
    x = rng.random((80, 10000), dtype=np.float32)
    t = torch.from_numpy(x)
    a = d.tensor(x)
    values, indices = d.tensor(shape=x.shape), d.tensor(shape=x.shape, dtype="int32")
    ours = lambda: d.call("detcl_sort", 1, a, None, values, indices)  # noqa: E731
    theirs = lambda: torch.sort(t, dim=1, descending=True, stable=True)  # noqa: E731
    return ours, theirs, lambda: np.array_equal(d.read(values, x.shape, np.float32), theirs()[0].numpy())


# name, what it is measured against, the ratio wanted, what makes it
CASES = [
    ("nms 1 class, 1k", "torchvision nms", 6, nms_case(1000, 0)),
    ("nms 1 class, 10k", "torchvision nms", 40, nms_case(10000, 0)),
    ("nms 1 class, 50k", "torchvision nms", 100, nms_case(50000, 0)),
    ("nms 80 classes, 1k", "torchvision batched_nms", 3, nms_case(1000, 80)),
    ("nms 80 classes, 10k", "torchvision batched_nms", 10, nms_case(10000, 80)),
    ("nms 80 classes, 100k", "torchvision batched_nms", 15, nms_case(100000, 80)),
    ("iou 5k x 5k", "torchvision box_iou", 40, iou_case(5000)),
    ("roi_align 7x7, 1k RoIs", "torchvision roi_align", 1.5, roi_align_case),
    ("deform_conv 64 x 64x64", "torchvision deform_conv2d", 1.5, deform_case(64, 64)),
    ("deform_conv 256 x 32x32", "torchvision deform_conv2d", 1.5, deform_case(256, 32)),
    ("decode YOLOv8 8400 x 84", "torch", 1.5, yolov8_case),
    ("decode SSD 8732 x 81", "torch", 1.5, ssd_case),
    ("top 1,000 of 200k", "torch topk", 1.5, topk_case),
    ("sort 80 rows of 10k", "torch sort, stable", 1.5, sort_case),
]


def time_once(work, done, least=0.05):
    """Milliseconds a call: the median of as many as fill `least` seconds, three at least."""
    times, until = [], time.perf_counter() + least
    while len(times) < 3 or (time.perf_counter() < until and len(times) < 100):
        start = time.perf_counter()
        work()
        done()
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times)


def measure(d, case, rounds):
    name, peer, wanted, make = case
    ours, theirs, agree = make(d, np.random.default_rng(0))
    ours()
    d.finish()
    if not agree():
        sys.exit("compare_torchvision: %s: the answers differ" % name)
    slow = time_once(theirs, lambda: None, 0) > 1000
    found = []
    for _ in range(3 if slow else rounds):
        a, b = time_once(ours, d.finish), time_once(theirs, lambda: None, 0 if slow else 0.05)
        found.append({"detcl_ms": a, "peer_ms": b, "ratio": b / a})
    middle = {key: statistics.median(r[key] for r in found) for key in found[0]}
    ratios = [r["ratio"] for r in found]
    met = middle["ratio"] >= wanted
    print("%-24s detcl %9.3f ms   %-24s %10.3f ms   times as fast %7.2f (%.2f to %.2f), wanted %g: %s"
          % (name, middle["detcl_ms"], peer, middle["peer_ms"], middle["ratio"], min(ratios), max(ratios),
             wanted, "met" if met else "missed"), flush=True)
    return {"name": name, "peer": peer, "wanted": wanted, "met": met, "median": middle, "rounds": found}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--library", default=os.path.join(ROOT, "build", "libdetcl.so"))
    parser.add_argument("--device", default="opencl:pocl")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", default="*", help="names of cases, as a shell pattern")
    parser.add_argument("--json", help="also write the figures here")
    args = parser.parse_args()
    torch.set_num_threads(THREADS)
    d = Detcl(args.library, args.device)
    results = [measure(d, c, args.rounds) for c in CASES if fnmatch.fnmatch(c[0], args.only)]
    print("%d of %d ratios met on %s" % (sum(r["met"] for r in results), len(results), args.device))
    if args.json:
        document = {"command": " ".join(["python3"] + sys.argv), "device": args.device,
                    "machine": platform.machine(), "threads": THREADS, "torch": torch.__version__,
                    "torchvision": torchvision.__version__, "results": results}
        with open(args.json + ".tmp", "w") as out:
            json.dump(document, out, indent=1)
            out.write("\n")
        os.replace(args.json + ".tmp", args.json)


if __name__ == "__main__":
    main()
