"""SSD300 on VGG16, Liu et al. 2016 (arXiv:1512.02325), as torchvision has it: 91 classes of COCO, a
bias in every convolution, conv4_3 normalised to a learned length. The scores leave through a
softmax, as in the first release."""

import math

import numpy as np
import ssd
from builder import Network, Published

PUBLISHED = Published(35641826, 34.858e9)  # torchvision, SSD300_VGG16_Weights

SIZE = 300
FEED = (123, 117, 104), (1, 1, 1)  # RGB
CLASSES = 91  # class 0 is the background
STEPS = (8, 16, 32, 64, 100, 300)
SCALES = (0.07, 0.15, 0.33, 0.51, 0.69, 0.87, 1.05)
RATIOS = ((2,), (2, 3), (2, 3), (2, 3), (2,), (2,))
GRIDS = (38, 19, 10, 5, 3, 1)


def priors():
    """Boxes cx, cy, w, h in 0..1, in the order of the rows: in each cell a square of the level's
    scale, one of the geometric mean with the next, and each ratio with its inverse."""
    boxes = []
    for level, grid in enumerate(GRIDS):
        small, between = SCALES[level], math.sqrt(SCALES[level] * SCALES[level + 1])
        sizes = [(small, small), (between, between)]
        for ratio in RATIOS[level]:
            wide = small * math.sqrt(ratio), small / math.sqrt(ratio)
            sizes += [wide, wide[::-1]]
        cells = SIZE / STEPS[level]
        boxes += [
            [(x + 0.5) / cells, (y + 0.5) / cells, *size]
            for y in range(grid)
            for x in range(grid)
            for size in sizes
        ]
    return [[round(v, 6) for v in box] for box in boxes]


def conv(net, x, name, filters, kernel=3, **more):
    y = net.conv(x, name, filters, kernel, bias=net.shifts(filters), **more)
    return net.relu(y, name)


def vgg(net, x, stage, filters, count):
    for i in range(count):
        x = conv(net, x, f"conv{stage}_{i + 1}", filters)
    return x


def normalised(net, x, name):
    """Each pixel's channels as a vector of the length 20 (Liu et al. 2015, ParseNet)."""
    _, channels, height, width = x.shape
    shape = (1, 1, height, width)
    length = net.node("ReduceL2", name + ".length", [x], shape, axes=[1], keepdims=1)
    length = net.node("Clip", name + ".clip", [length, net.constant(name + ".least", 1e-12)], shape)
    unit = net.node("Div", name + ".unit", [x, length], x.shape)
    weight = net.parameter(name + ".weight", np.full((1, channels, 1, 1), 20.0))
    values = 20 * x.values / np.sqrt((x.values**2).sum(1, keepdims=True))
    return net.node("Mul", name, [unit, weight], x.shape, values)


def maps(net, x):
    x = vgg(net, x, 1, 64, 2)
    x = net.max_pool(x, "pool1", 2, 2)
    x = vgg(net, x, 2, 128, 2)
    x = net.max_pool(x, "pool2", 2, 2)
    x = vgg(net, x, 3, 256, 3)
    x = net.max_pool(x, "pool3", 2, 2, ceil_mode=1)
    x = vgg(net, x, 4, 512, 3)
    found = [normalised(net, x, "conv4_3.norm")]
    x = net.max_pool(x, "pool4", 2, 2)
    x = vgg(net, x, 5, 512, 3)
    x = net.max_pool(x, "pool5", 3, 1, 1)
    x = conv(net, x, "fc6", 1024, pad=6, dilation=6)
    x = conv(net, x, "fc7", 1024, 1)
    found.append(x)
    extras = ((8, 256, 512, 2, 1), (9, 128, 256, 2, 1), (10, 128, 256, 1, 0), (11, 128, 256, 1, 0))
    for stage, narrow, wide, stride, pad in extras:
        x = conv(net, x, f"conv{stage}_1", narrow, 1)
        x = conv(net, x, f"conv{stage}_2", wide, stride=stride, pad=pad)
        found.append(x)
    return found


def build():
    net = Network("ssd_vgg16")
    offsets, scores = [], []
    for i, x in enumerate(maps(net, net.input("input", SIZE, SIZE, *FEED, side=SIZE))):
        anchors = 2 + 2 * len(RATIOS[i])
        y = net.conv(x, f"loc{i}", 4 * anchors, 3, std=0.7, anchors=anchors)
        offsets.append(net.rows(y, f"loc{i}", 4))
        y = net.conv(x, f"conf{i}", CLASSES * anchors, 3, std=1.25, anchors=anchors)
        scores.append(net.rows(y, f"conf{i}", CLASSES))
    net.output(net.concat(offsets, "locations"), "loc")
    logits = net.concat(scores, "logits")
    net.output(net.softmax(logits, "confidences", 2), "conf")
    return net


def sidecar():
    return ssd.sidecar(SIZE, FEED, priors())
