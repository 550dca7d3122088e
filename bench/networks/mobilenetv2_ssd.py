"""MobileNetV2 with SSDLite, Sandler et al. 2018 (arXiv:1801.04381, section 6.2), at 300 x 300: the
layers of TensorFlow's ssdlite_mobilenet_v2_coco (6 levels, 1917 boxes, 91 classes, sigmoid), but
with the same padding on all sides, as its ports to PyTorch have it."""

import math

import ssd
from builder import Network, Published

# Open Model Zoo, ssdlite_mobilenet_v2: 4.475 M with the normalisations folded, 1.525 GFLOPs
# (biases and activations included). The paper has 4.3 M and 0.8 G at 320 x 320.
PUBLISHED = Published(4.475e6, 1.525e9 / 2, norms=1)

SIZE = 300
FEED = (127.5, 127.5, 127.5), (127.5, 127.5, 127.5)
CLASSES = 91  # class 0 is the background
GRIDS = (19, 10, 5, 3, 2, 1)
LEAST, MOST = 0.2, 0.95  # scales of the first and the last level

# Expansion, channels, blocks, stride: the paper's table 2.
BLOCKS = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)


def priors():
    """Boxes cx, cy, w, h in 0..1: three in a cell of the first level, else of the ratios 1, 2, 1/2,
    3, 1/3 and a square of the geometric mean with the next scale."""
    step = (MOST - LEAST) / (len(GRIDS) - 1)
    boxes = []
    for level, grid in enumerate(GRIDS):
        scale = LEAST + level * step
        after = scale + step if level + 1 < len(GRIDS) else 1
        kinds = [(scale, ratio) for ratio in (1, 2, 1 / 2, 3, 1 / 3)]
        kinds.append((math.sqrt(scale * after), 1))
        if level == 0:
            kinds = [(0.1, 1), (scale, 2), (scale, 1 / 2)]
        boxes += [
            [(x + 0.5) / grid, (y + 0.5) / grid, s * math.sqrt(ratio), s / math.sqrt(ratio)]
            for y in range(grid)
            for x in range(grid)
            for s, ratio in kinds
        ]
    return [[round(v, 6) for v in box] for box in boxes]


def conv(net, x, name, filters, kernel=1, stride=1, groups=1, activation="relu6"):
    return net.conv_norm(x, name, filters, kernel, stride, groups, activation, 1e-3)


def depthwise(net, x, name, stride=1):
    return conv(net, x, name, x.shape[1], 3, stride, groups=x.shape[1])


def inverted_residual(net, x, name, expansion, filters, stride):
    """The block, and the map that it expands to."""
    wide = conv(net, x, name + ".expand", expansion * x.shape[1]) if expansion > 1 else x
    y = depthwise(net, wide, name + ".depthwise", stride)
    y = conv(net, y, name + ".project", filters, activation=None)
    return (net.add(x, y, name + ".add") if x.shape == y.shape else y), wide


def maps(net, x):
    x = conv(net, x, "conv", 32, 3, 2)
    number = 0
    for expansion, filters, count, first_stride in BLOCKS:
        for i in range(count):
            stride = 1 if i else first_stride
            x, wide = inverted_residual(net, x, f"block{number}", expansion, filters, stride)
            if number == 13:
                found = [wide]  # of stride 16, before the block halves it
            number += 1
    x = conv(net, x, "conv_1", 1280)
    found.append(x)
    for i, filters in enumerate((512, 256, 256, 128)):
        x = conv(net, x, f"extra{i}.reduce", filters // 2)
        x = depthwise(net, x, f"extra{i}.depthwise", 2)
        x = conv(net, x, f"extra{i}.project", filters)
        found.append(x)
    return found


def build():
    net = Network("mobilenetv2_ssd")
    offsets, scores = [], []
    for i, x in enumerate(maps(net, net.input("input", SIZE, SIZE, *FEED, side=SIZE))):
        anchors = 6 if i else 3
        y = depthwise(net, x, f"box{i}.depthwise")
        y = net.conv(y, f"box{i}", 4 * anchors, 1, std=0.7, anchors=anchors)
        offsets.append(net.rows(y, f"box{i}", 4))
        y = depthwise(net, x, f"class{i}.depthwise")
        y = net.conv(y, f"class{i}", CLASSES * anchors, 1, bias=-4.1, anchors=anchors)
        scores.append(net.rows(y, f"class{i}", CLASSES))
    net.output(net.concat(offsets, "offsets"), "boxes")
    net.output(net.sigmoid(net.concat(scores, "logits"), "classes"), "scores")
    return net


def sidecar():
    return ssd.sidecar(SIZE, FEED, priors())
