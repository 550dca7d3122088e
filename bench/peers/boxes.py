"""Image to boxes as users of the peers write it: OpenCV and NumPy around the network.

Settings come from the sidecar that detcl reads too (host/detect/README.md). Rows under the threshold are
dropped before boxes are decoded, OpenCV does the rest: resizing, the blob, suppression.
"""

import json
import math

import cv2
import numpy as np

# What the exporter's notes say in files that need no sidecar.
ULTRALYTICS = {"input": {"width": 640, "height": 640, "channels": "rgb", "resize": "letterbox",
                         "anchor": "center", "pad": 114, "scale": [255, 255, 255]},
               "head": {"type": "yolov8"}}


# Of a sidecar that leaves the head to be recognised: the paper's, with scores that went through a sigmoid.
RETINANET = {"type": "retinanet", "strides": [8, 16, 32, 64, 128]}


def settings_of(case, author=None):
    if case.sidecar:
        with open(case.sidecar) as file:
            return {"head": RETINANET, **json.load(file)}
    return ULTRALYTICS if author == "Ultralytics" else None


class Input:
    """A picture with blue first becomes the network's input; boxes go the way back."""

    def __init__(self, settings, rows, columns):
        s = settings["input"]
        self.size = columns, rows
        self.mode, self.pad = s.get("resize", "letterbox"), s.get("pad", 0)
        self.rgb = s.get("channels", "rgb") == "rgb"
        self.mean, self.scale = s.get("mean", [0, 0, 0]), s.get("scale", [1, 1, 1])
        self.width, self.height = s["width"], s["height"]
        if not self.width:
            self.width, self.height = self.open_size(s, columns, rows)
        self.place(s)

    @staticmethod
    def open_size(s, columns, rows):
        r = min(1, s["max_side"] / max(columns, rows))
        return [math.ceil(side * r / s["multiple"]) * s["multiple"] for side in (columns, rows)]

    def place(self, s):
        """Where the picture's content lies in the input, and its size there."""
        columns, rows = self.size
        self.content, self.at = (self.width, self.height), (0, 0)
        if self.mode == "crop":
            shorter = s.get("shorter", min(self.width, self.height))
            self.content = tuple(side * shorter // min(columns, rows) for side in self.size)
            self.at = tuple(round((whole - part) / 2)
                            for whole, part in zip(self.content, (self.width, self.height)))
        elif self.mode != "stretch":
            r = min(self.width / columns, self.height / rows)
            self.content = tuple(math.floor(side * r + 0.5) for side in self.size)
            if s.get("anchor") == "center":
                self.at = (self.width - self.content[0]) // 2, (self.height - self.content[1]) // 2

    def tensor(self, picture):
        x = picture
        if self.content != self.size:
            x = cv2.resize(x, self.content, interpolation=cv2.INTER_LINEAR)
        if self.mode == "crop":
            x = x[self.at[1]:self.at[1] + self.height, self.at[0]:self.at[0] + self.width]
        elif self.content != (self.width, self.height):
            right, below = self.width - self.content[0], self.height - self.content[1]
            left, above = self.at
            x = cv2.copyMakeBorder(x, above, below - above, left, right - left, cv2.BORDER_CONSTANT,
                                   value=(self.pad,) * 3)
        if len(set(self.scale)) == 1:
            return cv2.dnn.blobFromImage(x, 1 / self.scale[0], mean=self.mean, swapRB=self.rgb)
        x = cv2.dnn.blobFromImage(x, 1, mean=self.mean, swapRB=self.rgb)
        x *= (1 / np.float32(self.scale)).reshape(3, 1, 1)
        return x

    def back(self, boxes):
        """x1, y1, x2, y2 of the input in place to those of the picture."""
        for axis in (0, 1):
            at, scale = self.at[axis], self.size[axis] / self.content[axis]
            boxes[:, axis::2] = np.clip((boxes[:, axis::2] - at) * np.float32(scale), 0, self.size[axis])
        return boxes


def centred(centre, size):
    return np.concatenate([centre - size / 2, centre + size / 2], 1)


def activate(x, kind):
    if kind == "softmax":
        e = np.exp(x - x.max(-1, keepdims=True, initial=-np.inf))
        return e / e.sum(-1, keepdims=True)
    return 1 / (1 + np.exp(-x)) if kind == "sigmoid" else x


def cells(width, height, strides):
    """Corner and stride of each cell, level after level."""
    found = []
    for stride in strides:
        y, x = np.mgrid[: -(-height // stride), : -(-width // stride)]
        found.append(np.stack([x.ravel(), y.ravel(), np.full(x.size, stride)], 1))
    return np.concatenate(found).astype(np.float32)


def square_priors(width, height, strides, sides, clip):
    found = []
    for stride, level in zip(strides, sides):
        y, x = np.mgrid[: -(-height // stride), : -(-width // stride)]
        middle = np.stack([(x.ravel() + 0.5) / x.shape[1], (y.ravel() + 0.5) / x.shape[0]], 1)
        size = np.array([[side / width, side / height] for side in level])
        found.append(np.concatenate([np.repeat(middle, len(level), 0), np.tile(size, (len(middle), 1))], 1))
    priors = np.concatenate(found).astype(np.float32)
    return np.clip(priors, 0, 1) if clip else priors


def pyramid_anchors(width, height, strides):
    """Squares of 4 strides times 1, 2^(1/3), 2^(2/3) in three ratios around the cells' corners, as priors
    in pixels."""
    found = []
    for stride in strides:
        y, x = np.mgrid[: -(-height // stride), : -(-width // stride)] * stride
        size = np.array([[4 * stride * 2 ** (i / 3) / ratio**0.5, 4 * stride * 2 ** (i / 3) * ratio**0.5]
                         for ratio in (0.5, 1, 2) for i in range(3)])
        middle = np.repeat(np.stack([x.ravel(), y.ravel()], 1), len(size), 0)
        found.append(np.concatenate([middle, np.tile(size, (x.size, 1))], 1))
    return np.concatenate(found).astype(np.float32)


def best_class(scores, threshold):
    """Rows whose best class is over the threshold."""
    best = scores.argmax(1)
    found = scores[np.arange(len(scores)), best]
    rows = np.flatnonzero(found > threshold)
    return rows, found[rows], best[rows]


def every_class(scores, threshold):
    rows, classes = np.nonzero(scores > threshold)
    return rows, scores[rows, classes], classes


def of_cells(o, c):
    """Boxes from their cells: the corner plus an offset, and the sizes' logarithms, in strides."""
    return centred((c[:, :2] + o[:, :2]) * c[:, 2:], np.exp(o[:, 2:4]) * c[:, 2:])


class Head:
    """Outputs of the network to boxes in its input's pixels, scores and classes."""

    # What reports a box with each class over the threshold, not with its best only.
    MULTI = "ssd", "retinanet", "corner"

    def __init__(self, settings, width, height):
        self.h, self.width, self.height = settings["head"], width, height
        self.threshold = settings.get("score", 0.25)
        self.decode = getattr(self, self.h["type"], None)
        if not self.decode:
            raise ValueError("boxes.py does not decode the head " + self.h["type"])
        multi = self.h.get("multi_label", self.h["type"] in self.MULTI)
        self.pick = every_class if multi else best_class
        self.extent = np.float32([width, height, width, height])
        if self.h["type"] in ("yolox", "yunet"):
            self.cells = cells(width, height, self.h["strides"])
        elif self.h["type"] == "ssd":
            self.priors = np.float32(self.h["priors"]) if "priors" in self.h else square_priors(
                width, height, self.h["strides"], self.h["min_boxes"], self.h.get("clip", False))
        elif self.h["type"] == "retinanet":
            self.priors = pyramid_anchors(width, height, self.h["strides"])

    def rows(self, scores):
        scores = activate(scores, self.h.get("activation", "none"))
        return self.pick(scores[:, 1:] if self.h.get("background") else scores, self.threshold)

    def corner(self, outputs):
        boxes, scores = (o[0] for o in outputs)
        rows, found, classes = self.rows(scores)
        return boxes[rows] * (self.extent if self.h.get("normalised") else 1), found, classes

    def of_priors(self, outputs, centre, size, most=np.inf):
        offsets, scores = (o[0] for o in outputs)
        rows, found, classes = self.rows(scores)
        o, p = offsets[rows], self.priors[rows]
        wide = np.exp(np.minimum(o[:, 2:] * size, most)) * p[:, 2:]
        return centred(o[:, :2] * centre * p[:, 2:] + p[:, :2], wide), found, classes

    def ssd(self, outputs):
        boxes, found, classes = self.of_priors(outputs, *self.h.get("variances", [0.1, 0.2]))
        return boxes * self.extent, found, classes

    def retinanet(self, outputs):
        return self.of_priors(outputs, 1, 1, math.log(1000 / 16))

    def yolox(self, outputs):
        x = outputs[0][0]
        likely = np.flatnonzero(x[:, 4] > self.threshold)
        x = x[likely]
        rows, found, classes = self.pick(x[:, 5:] * x[:, 4:5], self.threshold)
        return of_cells(x[rows], self.cells[likely[rows]]), found, classes

    def yunet(self, outputs):
        scores, objectness, boxes = (
            np.concatenate([o[0] for o in outputs[i : i + 3]]) for i in (0, 3, 6))
        rows, found, classes = self.pick(np.sqrt(scores * objectness), self.threshold)
        return of_cells(boxes[rows], self.cells[rows]), found, classes

    def yolov2(self, outputs):
        anchors = np.float32(self.h["anchors"]).reshape(-1, 2)
        _, channels, height, width = outputs[0].shape
        x = outputs[0].reshape(len(anchors), channels // len(anchors), height, width)
        objectness = activate(x[:, 4], "sigmoid")
        a, row, column = np.nonzero(objectness > self.threshold)
        x, objectness = x[a, :, row, column], objectness[a, row, column]
        classes = activate(x[:, 5:], "softmax") if x.shape[1] > 5 else np.ones((len(x), 1), np.float32)
        likely, found, classes = self.pick(objectness[:, None] * classes, self.threshold)
        x, stride = x[likely], np.float32([self.width / width, self.height / height])
        corner = np.stack([column, row], 1)[likely].astype(np.float32)
        boxes = centred(corner + activate(x[:, :2], "sigmoid"), np.exp(x[:, 2:4]) * anchors[a[likely]])
        return boxes * np.tile(stride, 2), found, classes

    def yolov8(self, outputs):
        x = outputs[0][0]
        best = x[4:].max(0)
        likely = np.flatnonzero(best > self.threshold)
        x = x[:, likely].T
        return centred(x[:, :2], x[:, 2:4]), best[likely], x[:, 4:].argmax(1)


class Detector:
    """The picture's boxes from a network that runs elsewhere."""

    def __init__(self, settings, rows, columns, names):
        """`names`: the network's outputs, in the order in which they will come."""
        self.input = Input(settings, rows, columns)
        self.classifier = settings["head"]["type"] == "classifier"
        self.activation = settings["head"].get("activation", "none")
        self.top = settings["head"].get("top", 5)
        self.order = [names.index(n) for n in settings["head"].get("outputs", names)]
        self.iou = settings.get("iou", 0.45)
        if not self.classifier:
            self.head = Head(settings, self.input.width, self.input.height)

    def detect(self, picture, run):
        outputs = run(self.input.tensor(picture))
        outputs = [outputs[i] for i in self.order]
        if self.classifier:
            return self.classes(activate(outputs[0].reshape(-1), self.activation))
        boxes, scores, classes = self.head.decode(outputs)
        if len(boxes):
            sides = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], 1)
            keep = cv2.dnn.NMSBoxesBatched(sides, scores, classes.astype(np.int32), self.head.threshold,
                                           self.iou)[:300]
            boxes, scores, classes = boxes[keep], scores[keep], classes[keep]
        return self.input.back(boxes), scores, classes

    def classes(self, scores):
        best = np.argpartition(-scores, self.top)[: self.top]
        best = best[np.argsort(-scores[best])]
        whole = np.float32([[0, 0, *self.input.size]])
        return np.repeat(whole, len(best), 0), scores[best], best


def overlaps(a, b):
    """IoU of each of a with each of b."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(2)
    areas = [(x[:, 2:] - x[:, :2]).prod(1) for x in (a, b)]
    return shared / np.maximum(areas[0][:, None] + areas[1][None] - shared, 1e-9)


def unmatched(ours, theirs, iou=0.9, score=0.01):
    """The part of both lists without a partner in the other: same class, box and score nearly so (boxes
    that were clipped to nothing have no IoU: within a pixel)."""
    (boxes, scores, classes), (boxes2, scores2, classes2) = ours, theirs
    if not len(boxes) or not len(boxes2):
        return float(len(boxes) != len(boxes2))
    pairs = overlaps(boxes.astype(np.float64), boxes2.astype(np.float64)) >= iou
    pairs |= abs(boxes[:, None] - boxes2[None]).max(2) <= 1
    pairs &= (classes[:, None] == classes2[None]) & (abs(scores[:, None] - scores2[None]) <= score)
    alone = (~pairs.any(1)).sum() + (~pairs.any(0)).sum()
    return float(alone / (len(boxes) + len(boxes2)))
