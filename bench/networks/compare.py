#!/usr/bin/env python3
"""The generated networks in detcl: outputs next to ONNX Runtime's, boxes on photographs.

    python3 bench/networks/generate.py --out build/networks
    python3 bench/networks/compare.py build/networks ../shared/images/*.jpg

Needs onnxruntime besides the packages of requirements.txt, and build/. Both run every network on
the same synthetic picture; the error is the largest |detcl - ONNX Runtime| / (1 + |ONNX Runtime|).
Then detcl looks at each photograph twice: without suppression, which tells how many candidates pass
the score threshold, and with it.
"""

import argparse
import ctypes
import json
import os
import subprocess
import sys

import numpy as np
import onnxruntime

from builder import pictures
from generate import NETWORKS

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "bench"))
from libdetcl import Desc, Detcl  # noqa: E402

ERROR = 1e-3


def feed(module, shape):
    """A picture as the network wants it."""
    mean, scale = (np.broadcast_to(v, 3).reshape(3, 1, 1) for v in module.FEED)
    pixels = pictures(np.random.RandomState(1), 2, max(shape))[1:, :, : shape[2], : shape[3]]
    return ((pixels - mean) / scale).astype(np.float32)


def run(detcl, path, x):
    """The outputs of a file in detcl, in the file's order."""
    lib, graph = detcl.lib, ctypes.c_void_p()
    detcl.check(lib.detcl_graph_load_onnx(detcl.ctx, path.encode(), ctypes.byref(graph)))
    detcl.check(lib.detcl_graph_prepare(graph, None, None))
    size = ctypes.c_size_t(x.nbytes)
    detcl.check(lib.detcl_graph_write_input(graph, 0, x.ctypes.data_as(ctypes.c_void_p), size))
    detcl.check(lib.detcl_graph_run(graph, None, None, None))
    outputs = []
    for i in range(lib.detcl_graph_output_count(graph)):
        desc = Desc()
        detcl.check(lib.detcl_graph_output(graph, i, None, ctypes.byref(desc)))
        y = np.empty(desc.dims[: desc.rank], np.float32)
        to, size = y.ctypes.data_as(ctypes.c_void_p), ctypes.c_size_t(y.nbytes)
        detcl.check(lib.detcl_graph_read_output(graph, i, to, size))
        outputs.append(y)
    lib.detcl_graph_destroy(ctypes.byref(graph))
    return outputs


def compare_outputs(detcl, module, path):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    first = session.get_inputs()[0]
    x = feed(module, first.shape)
    good = True
    for output, a, b in zip(
        session.get_outputs(), run(detcl, path, x), session.run(None, {first.name: x}), strict=True
    ):
        error = np.max(np.abs(a - b) / (1 + np.abs(b)))
        good &= bool(error <= ERROR and np.isfinite(b).all())
        print(f"  {output.name:8} {np.min(b):9.3g} .. {np.max(b):8.3g}   error {error:.1e}")
    return good


def count(device, path, photo, *more):
    command = [os.path.join(ROOT, "build", "detcl"), "detect", "--quiet", "--device", device]
    command += ["--model", path, "--max", "1000000", "--json", "-", *more, photo]
    found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return len(found["images"][0]["detections"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--device", default="opencl:pocl")
    parser.add_argument("--only", metavar="NAME", help="one network")
    parser.add_argument("folder", help="of the generated files")
    parser.add_argument("photos", nargs="*")
    arguments = parser.parse_args()
    detcl = Detcl(os.path.join(ROOT, "build", "libdetcl.so"), arguments.device)
    good = True
    for name, module in NETWORKS.items():
        path = os.path.join(arguments.folder, name + ".onnx")
        if arguments.only not in (None, name):
            continue
        print(name)
        good &= compare_outputs(detcl, module, path)
        for photo in arguments.photos:
            candidates = count(arguments.device, path, photo, "--iou", "1")
            boxes = count(arguments.device, path, photo)
            print(f"  {os.path.basename(photo):18} {candidates:6} candidates, {boxes:4} boxes")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
