"""YOLOX-nano, Ge et al. 2021 (arXiv:2107.08430), Megvii's exps/default/yolox_nano.py: depth 0.33,
width 0.25, depthwise convolutions, Focus stem, 416 x 416, 80 classes of COCO. The boxes leave
undecoded, as from the project's export_onnx.py."""

import numpy as np
from builder import Network, Published

# The project's README: 0.91 M, 1.08 GFLOPs (normalisations included).
PUBLISHED = Published(0.91e6, 1.08e9 / 2)

SIZE = 416
FEED = 0, 1  # BGR
CLASSES = 80


def conv(net, x, name, filters, kernel=1, stride=1, groups=1):
    return net.conv_norm(x, name, filters, kernel, stride, groups, "silu", 1e-3)


def separable(net, x, name, filters, stride=1):
    x = conv(net, x, name + ".dconv", x.shape[1], 3, stride, x.shape[1])
    return conv(net, x, name + ".pconv", filters)


def focus(net, x, name, filters):
    """Four images of half the size, one of each pixel of a 2x2 square."""
    parts = []
    for column in (0, 1):
        for row in (0, 1):
            part = f"{name}.{row}{column}"
            y = net.every_second(x, part + ".rows", 2, row)
            parts.append(net.every_second(y, part, 3, column))
    return conv(net, net.concat(parts, name + ".concat"), name + ".conv", filters, 3)


def csp(net, x, name, filters, count, shortcut):
    half = filters // 2
    y = conv(net, x, name + ".conv1", half)
    other = conv(net, x, name + ".conv2", half)
    for i in range(count):
        z = conv(net, y, f"{name}.m.{i}.conv1", half)
        z = separable(net, z, f"{name}.m.{i}.conv2", half)
        y = net.add(z, y, f"{name}.m.{i}.add") if shortcut else z
    return conv(net, net.concat([y, other], name + ".concat"), name + ".conv3", filters)


def spp(net, x, name, filters):
    x = conv(net, x, name + ".conv1", x.shape[1] // 2)
    pools = [net.max_pool(x, f"{name}.m.{i}", k, 1, k // 2) for i, k in enumerate((5, 9, 13))]
    return conv(net, net.concat([x] + pools, name + ".concat"), name + ".conv2", filters)


def backbone(net, x):
    x = focus(net, x, "dark1", 16)
    x = csp(net, separable(net, x, "dark2.0", 32, 2), "dark2.1", 32, 1, True)
    c3 = csp(net, separable(net, x, "dark3.0", 64, 2), "dark3.1", 64, 3, True)
    c4 = csp(net, separable(net, c3, "dark4.0", 128, 2), "dark4.1", 128, 3, True)
    x = spp(net, separable(net, c4, "dark5.0", 256, 2), "dark5.1", 256)
    return c3, c4, csp(net, x, "dark5.2", 256, 1, False)


def pyramid(net, c3, c4, c5):
    lateral5 = conv(net, c5, "lateral_conv0", 128)
    x = net.concat([net.upsample(lateral5, "upsample0"), c4], "concat_p4")
    lateral4 = conv(net, csp(net, x, "C3_p4", 128, 1, False), "reduce_conv1", 64)
    x = net.concat([net.upsample(lateral4, "upsample1"), c3], "concat_p3")
    p3 = csp(net, x, "C3_p3", 64, 1, False)
    x = net.concat([separable(net, p3, "bu_conv2", 64, 2), lateral4], "concat_n3")
    p4 = csp(net, x, "C3_n3", 128, 1, False)
    x = net.concat([separable(net, p4, "bu_conv1", 128, 2), lateral5], "concat_n4")
    return p3, p4, csp(net, x, "C3_n4", 256, 1, False)


def head(net, x, i):
    """1 x (box, objectness, classes) x H x W."""
    x = conv(net, x, f"stems.{i}", 64)
    y = x
    for k in (0, 1):
        y = separable(net, y, f"cls_convs.{i}.{k}", 64)
    classes = net.conv(y, f"cls_preds.{i}", CLASSES, 1, bias=-2)
    y = x
    for k in (0, 1):
        y = separable(net, y, f"reg_convs.{i}.{k}", 64)
    boxes = net.conv(y, f"reg_preds.{i}", 4, 1, bias=np.array([0.5, 0.5, 1.6, 1.6]), std=0.5)
    objectness = net.conv(y, f"obj_preds.{i}", 1, 1, bias=-1.7)
    parts = [
        boxes,
        net.sigmoid(objectness, f"obj_preds.{i}"),
        net.sigmoid(classes, f"cls_preds.{i}"),
    ]
    return net.concat(parts, f"head.{i}")


def build():
    net = Network("yolox_nano")
    x = net.input("images", SIZE, SIZE, *FEED, side=SIZE)
    maps = [head(net, p, i) for i, p in enumerate(pyramid(net, *backbone(net, x)))]
    flat = []
    for i, y in enumerate(maps):
        _, channels, height, width = y.shape
        flat.append(net.reshape(y, f"flat.{i}", (1, channels, height * width)))
    y = net.concat(flat, "concat", 2)
    net.output(net.transpose(y, "transpose", [0, 2, 1]), "output")
    return net
