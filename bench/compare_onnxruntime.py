#!/usr/bin/env python3
"""Steady-state detection next to ONNX Runtime: the same networks, two threads each, in turn.

    python3 bench/compare_onnxruntime.py [--rounds 7] [--frames 30] [--json FILE]

Needs build/detcl and the networks and photographs beside the project (../shared). Without onnxruntime it
makes an environment of its own in build/peers. A round runs detcl on its frames, then ONNX Runtime on
as many; both keep the median of the round. detcl's time is the whole frame, from pixels in host memory to
boxes (upload, letterbox, network, decoding, suppression, read); ONNX Runtime's is the network alone. Only
ratios of one run mean anything on a busy machine.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
import venv

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SHARED = os.path.join(ROOT, "..", "shared")
CASES = [("ultraface_rfb320", "grace_hopper.png"), ("yolox_nano", "cat.png")]
THREADS = 2


def ensure_packages():
    """Import onnxruntime, or start again inside an environment that has it."""
    try:
        import numpy  # noqa: F401
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401
    except ImportError:
        home = os.path.join(ROOT, "build", "peers")
        python = os.path.join(home, "bin", "python3")
        if os.path.realpath(sys.prefix) == os.path.realpath(home):
            sys.exit("compare_onnxruntime: the packages do not import in " + home)
        if not os.path.exists(python):
            print("making", home, file=sys.stderr)
            venv.create(home, with_pip=True)
        subprocess.check_call([python, "-m", "pip", "install", "-q", "numpy", "onnx", "onnxruntime"])
        os.execv(python, [python] + sys.argv)


def session_of(path):
    """A session with constant weights: initialisers that are also inputs would keep it from folding."""
    import onnx
    import onnxruntime

    model = onnx.load(path)
    known = {i.name for i in model.graph.initializer}
    inputs = [i for i in model.graph.input if i.name not in known]
    del model.graph.input[:]
    model.graph.input.extend(inputs)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def time_onnxruntime(session, frames):
    import numpy

    first = session.get_inputs()[0]
    feed = {first.name: numpy.random.default_rng(0).random(first.shape, dtype=numpy.float32)}
    times = []
    for _ in range(frames + 3):
        start = time.perf_counter()
        session.run(None, feed)
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times[3:])


def time_detcl(detcl, device, name, image, frames):
    command = [detcl, "detect", "--quiet", "--json", "-", "--repeat", str(frames + 3)]
    command += ["--device", device, "--model", os.path.join(SHARED, "models", name + ".onnx")]
    command += ["--sidecar", os.path.join(ROOT, "tests", "models", name + ".detcl.json")]
    command += [os.path.join(SHARED, "images", image)]
    env = dict(os.environ, POCL_MAX_PTHREAD_COUNT=str(THREADS))
    result = json.loads(subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE).stdout)
    return statistics.median(result["images"][0]["ms"]["frames"][3:])


def compare(args, name, image):
    session = session_of(os.path.join(SHARED, "models", name + ".onnx"))
    time_detcl(args.detcl, args.device, name, image, 1)  # compiles
    rounds = []
    for _ in range(args.rounds):
        ours = time_detcl(args.detcl, args.device, name, image, args.frames)
        theirs = time_onnxruntime(session, args.frames)
        rounds.append({"detcl_ms": ours, "onnxruntime_ms": theirs, "ratio": ours / theirs})
    middle = {key: statistics.median(r[key] for r in rounds) for key in rounds[0]}
    ratios = [r["ratio"] for r in rounds]
    print(
        "%-18s detcl %7.2f ms   ONNX Runtime %7.2f ms   detcl / ONNX Runtime %.2f (%.2f to %.2f)"
        % (name, middle["detcl_ms"], middle["onnxruntime_ms"], middle["ratio"], min(ratios), max(ratios)),
        flush=True,
    )
    return {"model": name, "image": image, "median": middle, "rounds": rounds}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--detcl", default=os.path.join(ROOT, "build", "detcl"))
    parser.add_argument("--device", default="opencl:pocl")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--frames", type=int, default=30)
    parser.add_argument("--json", help="also write the figures here")
    args = parser.parse_args()
    ensure_packages()
    import onnxruntime

    for path in (args.detcl, os.path.join(SHARED, "models")):
        if not os.path.exists(path):
            sys.exit("compare_onnxruntime: %s is missing" % path)
    results = [compare(args, name, image) for name, image in CASES]
    if args.json:
        document = {
            "command": " ".join(["python3"] + sys.argv),
            "device": args.device,
            "machine": platform.machine(),
            "threads": THREADS,
            "onnxruntime": onnxruntime.__version__,
            "results": results,
        }
        with open(args.json + ".tmp", "w") as out:
            json.dump(document, out, indent=1)
            out.write("\n")
        os.replace(args.json + ".tmp", args.json)


if __name__ == "__main__":
    main()
