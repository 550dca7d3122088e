"""YOLOv8n, Ultralytics 2023 (ultralytics/cfg/models/v8/yolov8.yaml, scale n), 640 x 640, 80 classes
of COCO: C2f blocks, SPPF, a decoupled head with the distribution of Li et al. 2020
(arXiv:2006.04388), boxes decoded in the network, and the notes that the exporter leaves."""

import numpy as np
from builder import Network, Published

PUBLISHED = Published(3157200, 8.7e9 / 2)  # yolov8.yaml; GFLOPs of the documentation

SIZE = 640
FEED = 0, 255
CLASSES = 80
BINS = 16
STRIDES = (8, 16, 32)


def conv(net, x, name, filters, kernel=1, stride=1):
    return net.conv_norm(x, name, filters, kernel, stride, activation="silu", epsilon=1e-3)


def c2f(net, x, name, filters, count, shortcut):
    half = filters // 2
    x = conv(net, x, name + ".cv1", filters)
    parts = net.split(x, name + ".split", [half, half])
    for i in range(count):
        y = conv(net, parts[-1], f"{name}.m.{i}.cv1", half, 3)
        y = conv(net, y, f"{name}.m.{i}.cv2", half, 3)
        parts.append(net.add(parts[-1], y, f"{name}.m.{i}.add") if shortcut else y)
    return conv(net, net.concat(parts, name + ".concat"), name + ".cv2", filters)


def sppf(net, x, name, filters):
    parts = [conv(net, x, name + ".cv1", x.shape[1] // 2)]
    for i in range(3):
        parts.append(net.max_pool(parts[-1], f"{name}.m.{i}", 5, 1, 2))
    return conv(net, net.concat(parts, name + ".concat"), name + ".cv2", filters)


def up(net, x, other, name, filters):
    x = net.concat([net.upsample(x, name + ".upsample"), other], name + ".join")
    return c2f(net, x, name, filters, 1, False)


def down(net, x, other, name, filters):
    x = conv(net, x, name + ".down", x.shape[1], 3, 2)
    return c2f(net, net.concat([x, other], name + ".join"), name, filters, 1, False)


def levels(net, x):
    """The maps of stride 8, 16 and 32 that the head reads; numbers are those of the yaml file."""
    x = conv(net, x, "model.0", 16, 3, 2)
    x = c2f(net, conv(net, x, "model.1", 32, 3, 2), "model.2", 32, 1, True)
    p3 = c2f(net, conv(net, x, "model.3", 64, 3, 2), "model.4", 64, 2, True)
    p4 = c2f(net, conv(net, p3, "model.5", 128, 3, 2), "model.6", 128, 2, True)
    x = c2f(net, conv(net, p4, "model.7", 256, 3, 2), "model.8", 256, 1, True)
    p5 = sppf(net, x, "model.9", 256)
    n4 = up(net, p5, p4, "model.12", 128)
    n3 = up(net, n4, p3, "model.15", 64)
    n4 = down(net, n3, n4, "model.18", 128)
    return n3, n4, down(net, n4, p5, "model.21", 256)


def head(net, xs):
    """1 x (4 distributions + classes) x cells."""
    found = []
    for i, x in enumerate(xs):
        name = f"model.22.cv2.{i}"
        y = conv(net, conv(net, x, name + ".0", 64, 3), name + ".1", 64, 3)
        box = net.conv(y, name + ".2", 4 * BINS, 1, std=1.5)
        name = f"model.22.cv3.{i}"
        y = conv(net, conv(net, x, name + ".0", CLASSES, 3), name + ".1", CLASSES, 3)
        score = net.conv(y, name + ".2", CLASSES, 1, bias=-4.8)
        y = net.concat([box, score], f"model.22.concat.{i}")
        _, channels, height, width = y.shape
        found.append(net.reshape(y, f"model.22.flat.{i}", (1, channels, height * width)))
    return net.concat(found, "model.22.concat", 2)


def decode(net, distribution):
    """Centres and sizes in pixels: the expected bin of each side, from the cell's centre."""
    points = distribution.shape[2]
    x = net.reshape(distribution, "model.22.dfl.sides", (1, 4, BINS, points))
    x = net.softmax(net.transpose(x, "model.22.dfl.bins", [0, 2, 1, 3]), "model.22.dfl.softmax", 1)
    bins = net.parameter("model.22.dfl.weight", np.arange(BINS).reshape(1, BINS, 1, 1))
    net.macs += 4 * BINS * points
    x = net.node("Conv", "model.22.dfl", [x, bins], (1, 1, 4, points))
    x = net.reshape(x, "model.22.dfl.distances", (1, 4, points))
    near, far = net.split(x, "model.22.distances", [2, 2])
    centres, strides = [], []
    for stride in STRIDES:
        cells = np.arange(SIZE // stride) + 0.5
        y, x = np.meshgrid(cells, cells, indexing="ij")
        centres.append(np.stack([x.ravel(), y.ravel()]))
        strides.append(np.full(x.size, stride))
    centres = net.constant("model.22.centres", np.concatenate(centres, 1)[None])
    strides = net.constant("model.22.strides", np.concatenate(strides)[None])
    two = net.constant("two", 2)

    def binary(kind, name, a, b):
        return net.node(kind, "model.22." + name, [a, b], near.shape)

    corner1 = binary("Sub", "corner1", centres, near)
    corner2 = binary("Add", "corner2", centres, far)
    centre = binary("Div", "centre", binary("Add", "sum", corner1, corner2), two)
    size = binary("Sub", "size", corner2, corner1)
    boxes = net.concat([centre, size], "model.22.boxes")
    return net.node("Mul", "model.22.pixels", [boxes, strides], boxes.shape)


def build():
    net = Network("yolov8n")
    x = head(net, levels(net, net.input("images", SIZE, SIZE, *FEED, side=320)))
    distribution, logits = net.split(x, "model.22.split", [4 * BINS, CLASSES])
    scores = net.sigmoid(logits, "model.22")
    net.output(net.concat([decode(net, distribution), scores], "model.22.output"), "output0")
    net.metadata = {
        "author": "Ultralytics",
        "stride": "32",
        "task": "detect",
        "batch": "1",
        "imgsz": f"[{SIZE}, {SIZE}]",
        "names": str({i: str(i) for i in range(CLASSES)}),  # of a network that was never trained
    }
    return net
