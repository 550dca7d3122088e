"""One peer next to detcl in a process of its own, so that neither its crash nor its threads reach others.

    python worker.py PEER LIBRARY DEVICE THREADS ROUNDS SECONDS

Reads a case a line from stdin (cases.py) and answers each with a row on stdout: PEER of the document. The
first line says what the device is. PEER "none" says only that. run.py starts it.
"""

import importlib
import json
import os
import sys

sys.path.insert(1, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import numpy as np  # noqa: E402

import timing  # noqa: E402
from cases import from_json  # noqa: E402
from libdetcl import Detcl, Detector, Graph  # noqa: E402

TOLERANCE = 1e-3  # largest difference, relative to the largest number of that output
UNMATCHED = 0.05  # part of the boxes that may lie on either side of a threshold


def difference(ours, theirs):
    worst = 0.0
    for a, b in zip(ours, theirs):
        a, b = np.asarray(a), np.asarray(b)
        if a.size != b.size:
            raise ValueError("an output of %s where detcl has %s" % (b.shape, a.shape))
        largest = float(np.abs(b).max(initial=0))
        worst = max(worst, float(np.abs(a.reshape(-1) - b.reshape(-1)).max(initial=0)) / (largest or 1.0))
        if not (np.isfinite(a).all() and np.isfinite(b).all()):
            raise ValueError("an answer is not finite")
    return worst


class Pair:
    """detcl and a peer before the same work: two clocks, the difference of the answers, what to clean up."""

    base = "wall time of both"

    def __init__(self, ours, theirs, error, tolerance, close=lambda: None):
        self.ours, self.theirs, self.error = ours, theirs, error
        self.tolerance, self.close, self.notes = tolerance, close, {}


def picture_of(case):
    import cv2

    picture = cv2.imread(case.image)
    if picture is None:
        raise ValueError("cannot read " + case.image)
    return picture


def around(case):
    """The network's file, the picture, and the peer's way from image to boxes, or None without a picture or
    without a word of how to feed it."""
    import boxes
    import models

    file = models.File(case.model)
    if not os.path.exists(case.image):
        return file, None, None
    picture, settings = picture_of(case), boxes.settings_of(case, file.author)
    return file, picture, settings and boxes.Detector(settings, *picture.shape[:2], file.outputs)


def network_pair(case, peer, detcl, threads, device):
    file, picture, detector = around(case)
    if detector:
        x = np.ascontiguousarray(detector.input.tensor(picture))
        if file.shape and x.shape != file.shape:
            raise ValueError("the sidecar makes an input of %s, the network takes %s" % (x.shape, file.shape))
    elif file.shape:
        x = np.random.default_rng(0).random(file.shape, dtype=np.float32)
    else:
        raise ValueError("an input of open size needs a sidecar")
    run = peer.load(file.model(x.shape), threads, device)
    graph = Graph(detcl, case.model, [x.shape])

    def ours():
        graph.write(0, x)
        graph.run()
        return graph.read()

    def theirs():
        return run(x)

    pair = Pair(timing.wall(ours), timing.wall(theirs), lambda: difference(ours(), theirs()), TOLERANCE,
                graph.destroy)
    pair.base = "wall time, input tensor in host memory to output tensors in host memory"
    return pair


def boxes_pair(case, peer, detcl, threads, device):
    import boxes
    import cv2

    file, picture, detector = around(case)
    if not detector:
        raise ValueError("image to boxes needs a sidecar")
    cv2.setNumThreads(threads)
    x = detector.input.tensor(picture)
    run = peer.load(file.model(x.shape), threads, device)
    mine = Detector(detcl, case.model, case.sidecar or None)

    def ours():
        return mine.detect(picture)

    def theirs():
        return detector.detect(picture, run)

    def difference():
        # As users write it, OpenCV resizes in 8 bits; for the comparison it does so without rounding.
        return boxes.unmatched(ours(), detector.detect(picture.astype(np.float32), run))

    pair = Pair(timing.wall(ours), timing.wall(theirs), difference, UNMATCHED, mine.destroy)
    pair.base = "wall time, decoded picture in host memory to boxes in host memory"
    return pair


def operation_pair(case, peer, detcl, threads, device):
    """One convolution or product. A peer that keeps its own layout is compared with detcl's device time
    of the node without the reorders around it: what each pays inside of a network."""
    import models

    model = models.of_operation(case)
    x = np.random.default_rng(1).standard_normal(model.shape, dtype=np.float32)
    run = peer.load(model, threads, device)
    inside = getattr(peer, "OWN_LAYOUT", False)
    graph = Graph(detcl, model.path, profile=inside)
    tensor, result = detcl.tensor(x), detcl.tensor(graph.outputs[0][1])

    def ours():
        graph.run([tensor], [result])
        detcl.finish()

    def events():
        ours()
        return sum(ms for _, op, ms in graph.profile() if op != "reorder")

    def error():
        ours()
        y = graph.outputs[0][1]
        return difference([detcl.read(result, y.shape, y.dtype)], run.answer(x) if hasattr(run, "answer") else run(x))

    def close():
        graph.destroy()
        detcl.destroy(tensor)
        detcl.destroy(result)

    pair = Pair(events if inside else timing.wall(ours), timing.wall(lambda: run(x)), error, TOLERANCE, close)
    pair.base = ("detcl: device time of the node in blocked layout; peer: wall time in its own layout" if inside
                 else "wall time, dense tensors that lie in the memory of each")
    if hasattr(run, "variant"):
        pair.notes["variant"] = run.variant
    return pair


def pair_of(case, peer, *how):
    if hasattr(peer, "pair"):
        return peer.pair(case, *how)
    make = {"network": network_pair, "boxes": boxes_pair}.get(case.kind, operation_pair)
    return make(case, peer, *how)


def measure(case, peer, how, rounds, seconds):
    pair = pair_of(case, peer, *how)
    try:
        error = pair.error()
        how[0].save_programs()
        row = {"agrees": bool(error <= pair.tolerance), "error": error, "tolerance": pair.tolerance,
               "time_base": pair.base, **pair.notes}
        return {**row, **timing.interleave(pair.ours, pair.theirs, rounds, seconds)}
    finally:
        pair.close()


def main():
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # libraries that talk do so on stderr
    name, library, device, threads, rounds, seconds = sys.argv[1:]

    def answer(row):
        print(json.dumps(row), file=answers, flush=True)

    detcl = Detcl(os.path.abspath(library), device)
    info = detcl.device()
    if name == "none":
        answer({"device": info})
        return
    peer = importlib.import_module(name.replace("-", "_") + "_peer")
    answer({"device": info, "version": peer.VERSION})
    how = (detcl, int(threads), info)
    for line in sys.stdin:
        case = from_json(line)
        row = {"peer": name, "version": peer.VERSION, "case": case.name, "threads": int(threads)}
        try:
            row.update(measure(case, peer, how, int(rounds), float(seconds)))
        except (Exception, SystemExit) as error:
            row["failed"] = (str(error).strip() or type(error).__name__)[:500]
        answer(row)


if __name__ == "__main__":
    main()
