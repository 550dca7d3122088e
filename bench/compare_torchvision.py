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

DTYPES = {"float32": 0, "int32": 1, "int64": 2, "uint8": 3, "bool": 4}


class Desc(ctypes.Structure):
    _fields_ = [("dtype", ctypes.c_int), ("rank", ctypes.c_int), ("dims", ctypes.c_int64 * 8)]


class ContextParams(ctypes.Structure):
    _fields_ = [("device", ctypes.c_char_p), ("log", ctypes.c_void_p), ("log_user", ctypes.c_void_p),
                ("log_level", ctypes.c_int), ("progress", ctypes.c_void_p),
                ("progress_user", ctypes.c_void_p)]


class NmsParams(ctypes.Structure):
    _fields_ = [("iou_threshold", ctypes.c_float), ("boundary", ctypes.c_int),
                ("class_agnostic", ctypes.c_int), ("max_per_class", ctypes.c_int64),
                ("max_output", ctypes.c_int64)]


class Detcl:
    """The C library through its public headers."""

    def __init__(self, path, device):
        self.lib = ctypes.CDLL(path)
        self.lib.detcl_context_error.restype = ctypes.c_char_p
        self.lib.detcl_context_error.argtypes = [ctypes.c_void_p]
        self.ctx = ctypes.c_void_p()
        params = ContextParams(device=device.encode())
        if self.lib.detcl_context_create(ctypes.byref(params), ctypes.byref(self.ctx), None):
            sys.exit("compare_torchvision: no device '%s'" % device)

    def check(self, status):
        if status:
            sys.exit("compare_torchvision: " + self.lib.detcl_context_error(self.ctx).decode())

    def tensor(self, array=None, shape=None, dtype="float32"):
        if array is not None:
            array = np.ascontiguousarray(array)
            shape, dtype = array.shape, str(array.dtype)
        desc = Desc(DTYPES[dtype], len(shape), (ctypes.c_int64 * 8)(*shape))
        made = ctypes.c_void_p()
        self.check(self.lib.detcl_tensor_create(self.ctx, ctypes.byref(desc), ctypes.byref(made)))
        if array is not None:
            data = array.ctypes.data_as(ctypes.c_void_p)
            self.check(self.lib.detcl_tensor_write(made, data, ctypes.c_size_t(array.nbytes)))
        return made

    def read(self, tensor, shape, dtype):
        out = np.empty(shape, dtype)
        self.check(self.lib.detcl_tensor_read(tensor, out.ctypes.data_as(ctypes.c_void_p),
                                              ctypes.c_size_t(out.nbytes)))
        return out

    def call(self, name, *args):
        self.check(getattr(self.lib, name)(self.ctx, *args, None))

    def finish(self):
        self.check(self.lib.detcl_context_finish(self.ctx))


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
        params = ctypes.byref(NmsParams(iou_threshold=0.5))
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


# name, what it is measured against, the ratio wanted, what makes it
CASES = [
    ("nms 1 class, 1k", "torchvision nms", 6, nms_case(1000, 0)),
    ("nms 1 class, 10k", "torchvision nms", 40, nms_case(10000, 0)),
    ("nms 1 class, 50k", "torchvision nms", 100, nms_case(50000, 0)),
    ("nms 80 classes, 1k", "torchvision batched_nms", 3, nms_case(1000, 80)),
    ("nms 80 classes, 10k", "torchvision batched_nms", 10, nms_case(10000, 80)),
    ("nms 80 classes, 100k", "torchvision batched_nms", 15, nms_case(100000, 80)),
    ("iou 5k x 5k", "torchvision box_iou", 40, iou_case(5000)),
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
    slow = len([None for _ in range(1) if time_once(theirs, lambda: None, 0) > 1000])
    found = []
    for _ in range(3 if slow else rounds):
        a, b = time_once(ours, d.finish), time_once(theirs, lambda: None, 0 if slow else 0.05)
        found.append({"detcl_ms": a, "peer_ms": b, "ratio": b / a})
    middle = {key: statistics.median(r[key] for r in found) for key in found[0]}
    ratios = [r["ratio"] for r in found]
    print("%-24s detcl %9.3f ms   %-24s %10.3f ms   times as fast %7.2f (%.2f to %.2f), wanted %g"
          % (name, middle["detcl_ms"], peer, middle["peer_ms"], middle["ratio"], min(ratios), max(ratios),
             wanted), flush=True)
    return {"name": name, "peer": peer, "wanted": wanted, "median": middle, "rounds": found}


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
