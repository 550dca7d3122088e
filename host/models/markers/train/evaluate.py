"""Measures the model on a held-out set that it renders itself: AP by class and size, recall.

python3 evaluate.py                       # through ONNX Runtime
python3 evaluate.py --detcl build/detcl   # through the finished command
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile

import cv2
import numpy as np

import metrics
import render
import symbols

HERE = os.path.dirname(os.path.abspath(__file__))
HELDOUT_SEED = 20240917  # the training scenes have seed 1, the demo picture has another
LOWEST = 0.01  # precision and recall are followed down to this score
MOST = 300  # detections a picture


def letterbox(image, settings):
    """Scales to fit, top-left, pads with grey: the input tensor and the scale."""
    h, w = settings["height"], settings["width"]
    scale = min(h / image.shape[0], w / image.shape[1])
    size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
    canvas = np.full((h, w, 3), settings["pad"], np.uint8)
    canvas[: size[1], : size[0]] = cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)
    x = (canvas.astype(np.float32) - np.float32(settings["mean"])) / np.float32(settings["scale"])
    return x.transpose(2, 0, 1)[None], scale


def decode(output, settings, strides):
    """YOLOX: corners in pixels of the input, and per class the product of the two probabilities."""
    cells = []
    for s in strides:
        row, col = np.mgrid[: settings["height"] // s, : settings["width"] // s]
        cells.append(np.stack([col.ravel(), row.ravel(), np.full(row.size, s)], 1))
    cells = np.concatenate(cells).astype(np.float32)
    centre = (output[:, :2] + cells[:, :2]) * cells[:, 2:]
    half = np.exp(output[:, 2:4]) * cells[:, 2:] / 2
    return np.concatenate([centre - half, centre + half], 1), output[:, 4:5] * output[:, 5:]


def nms(boxes, scores, limit):
    """Greedy suppression of what overlaps by more than `limit`; indices, highest score first."""
    order, keep = np.argsort(-scores, kind="stable"), []
    while len(order):
        keep.append(order[0])
        iou = metrics.overlaps(boxes[order[:1]], boxes[order[1:]])[0][0]
        order = order[1:][iou <= limit]
    return np.array(keep, int)


def sort_out(boxes, scores, kinds):
    order = np.argsort(-scores, kind="stable")[:MOST]
    return boxes[order], scores[order], kinds[order]


def through_onnxruntime(model, side, scenes):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    found = []
    for scene in scenes:
        x, scale = letterbox(scene.image, side["input"])
        output = session.run(side["head"]["outputs"], {session.get_inputs()[0].name: x})[0][0]
        boxes, scores = decode(output, side["input"], side["head"]["strides"])
        h, w = scene.image.shape[:2]
        boxes = (boxes / scale).clip(0, [w, h, w, h])
        parts = []
        for kind in range(scores.shape[1]):
            index = np.flatnonzero(scores[:, kind] >= LOWEST)
            keep = index[nms(boxes[index], scores[index, kind], side["iou"])]
            parts.append((boxes[keep], scores[keep, kind], np.full(len(keep), kind)))
        found.append(sort_out(*[np.concatenate(p) for p in zip(*parts)]))
    return found


def through_detcl(command, model, scenes):
    """Writes the scenes as PNG files and reads the command's JSON."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, f"{i:05d}.png") for i in range(len(scenes))]
        for path, scene in zip(paths, scenes):
            cv2.imwrite(path, scene.image[..., ::-1])
        for first in range(0, len(paths), 50):
            part = paths[first : first + 50]
            run = subprocess.run(
                [
                    *command,
                    "detect",
                    "--model",
                    model,
                    "--score",
                    str(LOWEST),
                    "--max",
                    str(MOST),
                    "--json",
                    "-",
                    *part,
                ],
                stdout=subprocess.PIPE,
                check=True,
            )
            for image in json.loads(run.stdout)["images"]:
                seen = image["detections"]
                found.append(
                    sort_out(
                        np.array([d["box"] for d in seen], np.float32).reshape(-1, 4),
                        np.array([d["score"] for d in seen], np.float32),
                        np.array([d["class"] for d in seen], int),
                    )
                )
    return found


def report(scenes, found, threshold):
    table, names = [], ["all"] + [name for name, _, _ in metrics.BUCKETS]
    for kind in range(len(symbols.LABELS)):
        row = [metrics.class_ap(scenes, found, kind)]
        row += [metrics.class_ap(scenes, found, kind, lo, hi) for _, lo, hi in metrics.BUCKETS]
        table.append(row)
    print("%-12s" % "AP@0.5" + "".join("%16s" % n for n in names))
    for label, row in zip(symbols.LABELS, table):
        print("%-12s" % label + "".join("%8.3f (%5d)" % cell for cell in row))
    means = [float(np.nanmean([row[i][0] for row in table])) for i in range(len(names))]
    print("%-12s" % "mean" + "".join("%8.3f        " % m for m in means))
    precision, groups = metrics.working_point(scenes, found, threshold)
    print(f"\nat score {threshold}: precision {precision:.3f}; recall")
    for name, (got, of) in sorted(groups.items()):
        print("  %-24s %.3f  (%d of %d)" % (name, got / of, got, of))
    print(f"\nmAP@0.5 {means[0]:.4f} over {len(scenes)} scenes")
    return means[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", default=os.path.join(HERE, "..", "markers.onnx"))
    parser.add_argument(
        "--detcl", nargs="+", metavar="COMMAND", help="measure this command instead"
    )
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--seed", type=int, default=HELDOUT_SEED)
    parser.add_argument("--size", type=int, help="square input instead of the sidecar's")
    parser.add_argument("--at-least", type=float, default=0.0, help="fail below this mAP")
    args = parser.parse_args()
    with open(os.path.splitext(args.model)[0] + ".detcl.json") as f:
        side = json.load(f)
    if args.size:
        side["input"]["width"] = side["input"]["height"] = args.size
    scenes = [render.render(args.seed, i, "heldout") for i in range(args.count)]
    for scene in scenes:
        scene.unit = max(scene.image.shape[:2]) / render.NETWORK
    if args.detcl:
        found = through_detcl(args.detcl, args.model, scenes)
    else:
        found = through_onnxruntime(args.model, side, scenes)
    return 0 if report(scenes, found, side["score"]) >= args.at_least else 1


if __name__ == "__main__":
    sys.exit(main())
