#!/usr/bin/env python3
"""Write golden/boxes.json: what ONNX Runtime and plain numpy find in the shared pictures.

Nothing of detcl is used: letterbox, decoding and suppression are written here once more, from their
definitions in host/detect/README.md and the models' own README. Where a score or an overlap lies so
near its threshold that rounding could decide, the threshold is moved.

    python3 tests/golden/make_boxes.py        (needs numpy, onnxruntime, pillow; run in the root)
"""
import json
import math
import pathlib

import numpy
import onnxruntime
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = ROOT.parent / "shared" / "models"
IMAGES = ROOT.parent / "shared" / "images"
MARGIN = 2e-3


def load(path):
    return numpy.asarray(Image.open(path).convert("RGB"), dtype=numpy.float32)


def bilinear(image, width, height):
    """Half-pixel centres, edges replicated, no antialiasing, in double precision."""
    def taps(wanted, there):
        at = numpy.clip((numpy.arange(wanted) + 0.5) * (there / wanted) - 0.5, 0, there - 1)
        low = numpy.floor(at).astype(int)
        return low, numpy.minimum(low + 1, there - 1), at - low
    left, right, wx = taps(width, image.shape[1])
    top, bottom, wy = taps(height, image.shape[0])
    image = image.astype(numpy.float64)
    wx, wy = wx[None, :, None], wy[:, None, None]
    upper = image[top][:, left] * (1 - wx) + image[top][:, right] * wx
    lower = image[bottom][:, left] * (1 - wx) + image[bottom][:, right] * wx
    return upper * (1 - wy) + lower * wy


class Fit:
    """The picture in the network's input: image = (network - pad) * scale."""

    def __init__(self, image, width, height, mode, centre=False, pad=114, shorter=0):
        rows, columns = image.shape[:2]
        self.size = columns, rows
        self.pad = [0, 0]
        canvas = numpy.full((height, width, 3), float(pad))
        if mode == "letterbox":
            r = min(width / columns, height / rows)
            content = math.floor(columns * r + 0.5), math.floor(rows * r + 0.5)
            if centre:
                self.pad = [(width - content[0]) // 2, (height - content[1]) // 2]
            canvas[self.pad[1]:self.pad[1] + content[1],
                   self.pad[0]:self.pad[0] + content[0]] = bilinear(image, *content)
            self.scale = columns / content[0], rows / content[1]
        elif mode == "stretch":
            canvas = bilinear(image, width, height)
            self.scale = columns / width, rows / height
        elif mode == "pad-square":
            side = max(columns, rows)
            square = numpy.full((side, side, 3), float(pad))
            square[:rows, :columns] = image
            canvas = bilinear(square, width, height)
            self.scale = side / width, side / height
        elif mode == "crop":
            small = min(columns, rows)
            content = columns * shorter // small, rows * shorter // small
            corner = round((content[0] - width) / 2), round((content[1] - height) / 2)
            resized = bilinear(image, *content)
            canvas = resized[corner[1]:corner[1] + height, corner[0]:corner[0] + width]
            self.scale = 1, 1
        self.canvas = canvas

    def tensor(self, bgr=False, mean=(0, 0, 0), scale=(1, 1, 1)):
        x = self.canvas[:, :, ::-1] if bgr else self.canvas
        x = (x - numpy.array(mean)) / numpy.array(scale)
        return numpy.ascontiguousarray(x.transpose(2, 0, 1)[None], dtype=numpy.float32)

    def back(self, boxes):
        boxes = boxes.copy()
        for axis in (0, 1):
            boxes[:, axis::2] = (boxes[:, axis::2] - self.pad[axis]) * self.scale[axis]
            boxes[:, axis::2] = numpy.clip(boxes[:, axis::2], 0, self.size[axis])
        return boxes


def run(name, tensor):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    path = MODELS / name if (MODELS / name).exists() else ROOT / "host/models/markers" / name
    session = onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"])
    outputs = session.run(None, {session.get_inputs()[0].name: tensor})
    return {o.name: v.astype(numpy.float64) for o, v in zip(session.get_outputs(), outputs)}


def centred(cx, cy, w, h):
    return numpy.stack([cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2], -1)


def grid(width, height, stride):
    y, x = numpy.mgrid[:-(-height // stride), :-(-width // stride)]
    return x.ravel(), y.ravel()


def cell_boxes(o, width, height, stride):
    x, y = grid(width, height, stride)
    return centred((x + o[:, 0]) * stride, (y + o[:, 1]) * stride,
                   numpy.exp(o[:, 2]) * stride, numpy.exp(o[:, 3]) * stride)


def sigmoid(x):
    return 1 / (1 + numpy.exp(-x))


# --- one function a family: boxes in network pixels, scores per class -------------------------

def best_only(scores):
    """YOLO's own code reports a box with its best class only."""
    best = scores.argmax(axis=1)
    kept = numpy.zeros_like(scores)
    rows = numpy.arange(len(scores))
    kept[rows, best] = scores[rows, best]
    return kept


def yolox(name, image, size, mean=0.0, scale=1.0, bgr=True):
    fit = Fit(image, size, size, "letterbox")
    o = run(name, fit.tensor(bgr, (mean,) * 3, (scale,) * 3))["output"][0]
    boxes, start = [], 0
    for stride in (8, 16, 32):
        n = (size // stride) ** 2
        boxes.append(cell_boxes(o[start:start + n], size, size, stride))
        start += n
    return fit, numpy.concatenate(boxes), best_only(o[:, 5:] * o[:, 4:5])


def ultraface(name, image):
    fit = Fit(image, 320, 240, "stretch")
    out = run(name, fit.tensor(False, (127,) * 3, (128,) * 3))
    boxes, scores = out["boxes"][0], out["scores"][0]
    if "raw" in name:
        priors = []
        for stride, sides in zip((8, 16, 32, 64),
                                 ((10, 16, 24), (32, 48), (64, 96), (128, 192, 256))):
            columns, rows = -(-320 // stride), -(-240 // stride)
            for j in range(rows):
                for i in range(columns):
                    for side in sides:
                        priors.append(((i + 0.5) / columns, (j + 0.5) / rows,
                                       side / 320, side / 240))
        priors = numpy.clip(numpy.array(priors), 0, 1)
        centre = boxes[:, :2] * 0.1 * priors[:, 2:] + priors[:, :2]
        extent = numpy.exp(boxes[:, 2:] * 0.2) * priors[:, 2:]
        boxes = centred(centre[:, 0], centre[:, 1], extent[:, 0], extent[:, 1])
    return fit, boxes * numpy.array([320, 240, 320, 240]), scores[:, 1:]


def yunet(name, image):
    rows, columns = image.shape[:2]
    width, height = -(-columns // 32) * 32, -(-rows // 32) * 32
    fit = Fit(image, width, height, "letterbox", pad=0)
    out = run(name, fit.tensor(bgr=True))
    boxes, scores = [], []
    for stride in (8, 16, 32):
        boxes.append(cell_boxes(out[f"bbox_{stride}"][0], width, height, stride))
        scores.append(numpy.sqrt(numpy.clip(out[f"cls_{stride}"][0], 0, 1) *
                                 numpy.clip(out[f"obj_{stride}"][0], 0, 1)))
    return fit, numpy.concatenate(boxes), numpy.concatenate(scores)


def tiny_face(name, image):
    fit = Fit(image, 416, 416, "pad-square", pad=0)
    o = run(name, fit.tensor(False, (117.001, 114.697, 97.404), (256,) * 3))["output"][0]
    anchors = ((1.603231, 2.094468), (6.041143, 7.080126), (2.882459, 3.518061),
               (4.266906, 5.178857), (9.041765, 10.66308))
    x, y = grid(416, 416, 32)
    boxes, scores = [], []
    for a, (w, h) in enumerate(anchors):
        t = o[5 * a:5 * a + 5].reshape(5, -1)
        boxes.append(centred((x + sigmoid(t[0])) * 32, (y + sigmoid(t[1])) * 32,
                             numpy.exp(t[2]) * w * 32, numpy.exp(t[3]) * h * 32))
        scores.append(sigmoid(t[4])[:, None])
    return fit, numpy.concatenate(boxes), numpy.concatenate(scores)


# --- selection and suppression ----------------------------------------------------------------

def overlap(box, boxes):
    low = numpy.maximum(box[:2], boxes[:, :2])
    high = numpy.minimum(box[2:], boxes[:, 2:])
    shared = numpy.prod(numpy.clip(high - low, 0, None), axis=1)
    area = numpy.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    return shared / (numpy.prod(box[2:] - box[:2]) + area - shared)


def clear(values, threshold):
    return len(values) == 0 or numpy.abs(values - threshold).min() > MARGIN


def suppress(boxes, scores, score, iou):
    """Greedy suppression within each class, best score first; None when an overlap is unclear."""
    found = []
    for c in range(scores.shape[1]):
        rows = numpy.flatnonzero(scores[:, c] > score)
        rows = rows[numpy.argsort(-scores[rows, c], kind="stable")]
        while len(rows):
            best, rows = rows[0], rows[1:]
            found.append((float(scores[best, c]), c, best))
            values = overlap(boxes[best], boxes[rows])
            if not clear(values, iou):
                return None
            rows = rows[values <= iou]
    return sorted(found, key=lambda f: -f[0])


def detect(fit, boxes, scores, score, iou):
    while not clear(scores, score):
        score = round(score + 0.01, 2)
    while (found := suppress(boxes, scores, score, iou)) is None:
        iou = round(iou + 0.01, 2)
    where = fit.back(boxes[[f[2] for f in found]]) if found else []
    return score, iou, [{"class": c, "score": round(s, 6), "box": [round(float(v), 3) for v in box]}
                        for (s, c, _), box in zip(found, where)]


def classify(image, scores, top=5):
    if scores.min() < 0 or abs(scores.sum() - 1) > 1e-3:
        scores = numpy.exp(scores - scores.max())
        scores /= scores.sum()
    rows, columns = image.shape[:2]
    return [{"class": int(c), "score": round(float(scores[c]), 6), "box": [0, 0, columns, rows]}
            for c in numpy.argsort(-scores, kind="stable")[:top]]


def squeezenet(image):
    fit = Fit(image, 227, 227, "stretch")
    return classify(image, run("squeezenet11.onnx", fit.tensor(True, (104, 117, 123)))["prob"][0])


def mcunet(image):
    fit = Fit(image, 176, 176, "crop", shorter=201)
    out = run("mcunet.onnx", fit.tensor(False, (127.5,) * 3, (127.5,) * 3))
    return classify(image, out["logits"][0])


def cases():
    markers = ROOT / "host/models/markers/demo.jpg"
    yield ("yolox_nano.onnx", IMAGES / "pets.jpg", 0.1, 0.45,
           lambda i: yolox("yolox_nano.onnx", i, 416))
    yield ("markers.onnx", markers, 0.4, 0.5,
           lambda i: yolox("markers.onnx", i, 640, 114, 58, False))
    for name in ("cat.png", "bird.png", "chelsea.png"):
        yield ("yolox_nano.onnx", IMAGES / name, 0.3, 0.45,
               lambda i: yolox("yolox_nano.onnx", i, 416))
    for name in ("grace_hopper.png", "astronaut.png"):
        yield ("ultraface_rfb320.onnx", IMAGES / name, 0.7, 0.3,
               lambda i: ultraface("ultraface_rfb320.onnx", i))
        yield ("ultraface_rfb320_raw.onnx", IMAGES / name, 0.7, 0.3,
               lambda i: ultraface("ultraface_rfb320_raw.onnx", i))
        yield ("yunet_n_dynamic.onnx", IMAGES / name, 0.6, 0.3,
               lambda i: yunet("yunet_n_dynamic.onnx", i))
        yield ("tiny_face_yolov2.onnx", IMAGES / name, 0.5, 0.4,
               lambda i: tiny_face("tiny_face_yolov2.onnx", i))
    for name in ("cat.png", "bird.png", "coffee.png"):
        yield ("squeezenet11.onnx", IMAGES / name, 0, 1, squeezenet)
        yield ("mcunet.onnx", IMAGES / name, 0, 1, mcunet)


def main():
    written = []
    for model, path, score, iou, family in cases():
        image = load(path)
        result = family(image)
        if isinstance(result, list):
            found = result
        else:
            score, iou, found = detect(*result, score, iou)
        print(model, path.name, score, iou, len(found))
        written.append({"model": model, "image": path.name, "score": score, "iou": iou,
                        "detections": found})
    with open(ROOT / "tests/golden/boxes.json", "w") as out:
        out.write('{"cases": [\n')
        out.write(",\n".join(json.dumps(case) for case in written))
        out.write("\n]}\n")


if __name__ == "__main__":
    main()
