#!/usr/bin/env python3
"""The convolutions of the networks, as lines of an X-macro table.

    python3 bench/networks/shapes.py            # every distinct shape
    python3 bench/networks/shapes.py --suite    # bench/suite/convolutions.def: what is measured

Batch 1; height and width are those of the input, the padding is the same on all sides. A shape that
occurs more than once is called after its first convolution; a comment tells how often each network
has it.
"""

import argparse
from collections import Counter

from builder import Convolution
from generate import NETWORKS

# None of the networks has depthwise 5x5 convolutions: these are of MobileNetV3-Large, Howard et al.
# 2019 (arXiv:1905.02244, table 1), at 224 x 224; with how often it has them.
MOBILENETV3 = {
    "mobilenetv3.block3.depthwise": (Convolution(72, 56, 56, 72, 5, 2, 2, 1, 72), 1),
    "mobilenetv3.block4.depthwise": (Convolution(120, 28, 28, 120, 5, 1, 2, 1, 120), 2),
    "mobilenetv3.block12.depthwise": (Convolution(672, 14, 14, 672, 5, 2, 2, 1, 672), 1),
    "mobilenetv3.block13.depthwise": (Convolution(960, 7, 7, 960, 5, 1, 2, 1, 960), 2),
}

# First layers, 1x1, 3x3 and depthwise of both strides, dilated; large and small maps, few and many
# channels.
SUITE = """
resnet50.conv1
resnet50.layer1.0.conv1
resnet50.layer1.0.conv2
resnet50.layer1.0.conv3
resnet50.layer1.1.conv1
resnet50.layer2.0.conv2
resnet50.layer2.0.downsample
resnet50.layer2.1.conv1
resnet50.layer2.1.conv2
resnet50.layer3.0.conv2
resnet50.layer3.0.conv3
resnet50.layer3.1.conv1
resnet50.layer3.1.conv2
resnet50.layer4.0.conv2
resnet50.layer4.0.downsample
resnet50.layer4.1.conv1
resnet50.layer4.1.conv2
ssd_vgg16.conv1_1
ssd_vgg16.conv1_2
ssd_vgg16.conv2_2
ssd_vgg16.conv3_2
ssd_vgg16.conv4_2
ssd_vgg16.conv5_1
ssd_vgg16.fc6
ssd_vgg16.fc7
ssd_vgg16.conv8_2
ssd_vgg16.conv9_2
ssd_vgg16.conv11_2
ssd_vgg16.conf0
ssd_vgg16.conf1
mobilenetv2_ssd.conv
mobilenetv2_ssd.block0.depthwise
mobilenetv2_ssd.block0.project
mobilenetv2_ssd.block1.expand
mobilenetv2_ssd.block1.depthwise
mobilenetv2_ssd.block2.expand
mobilenetv2_ssd.block3.depthwise
mobilenetv2_ssd.block4.depthwise
mobilenetv2_ssd.block6.depthwise
mobilenetv2_ssd.block7.expand
mobilenetv2_ssd.block7.depthwise
mobilenetv2_ssd.block7.project
mobilenetv2_ssd.block13.depthwise
mobilenetv2_ssd.block14.depthwise
mobilenetv2_ssd.block16.project
mobilenetv2_ssd.conv_1
mobilenetv2_ssd.class1
mobilenetv2_ssd.extra3.project
yolov8n.model.0
yolov8n.model.1
yolov8n.model.2.cv1
yolov8n.model.2.m.0.cv1
yolov8n.model.3
yolov8n.model.4.m.0.cv1
yolov8n.model.5
yolov8n.model.6.m.0.cv1
yolov8n.model.7
yolov8n.model.8.m.0.cv1
yolov8n.model.9.cv2
yolov8n.model.15.cv1
yolov8n.model.22.cv3.0.1
yolov8n.model.22.cv3.0.2
yolox_nano.dark1.conv
yolox_nano.dark2.0.dconv
yolox_nano.dark2.0.pconv
yolox_nano.dark3.1.m.0.conv2.dconv
yolox_nano.dark4.1.m.0.conv1
yolox_nano.dark4.1.m.0.conv2.dconv
yolox_nano.dark5.0.dconv
yolox_nano.reg_preds.0
retinanet_r50_fpn.body.conv1
retinanet_r50_fpn.fpn.layer0
retinanet_r50_fpn.classes.p5
retinanet_r50_fpn.boxes.conv0.p7
mobilenetv3.block3.depthwise
mobilenetv3.block4.depthwise
mobilenetv3.block12.depthwise
mobilenetv3.block13.depthwise
""".split()


def distinct():
    """Name to shape and to how often each network has it."""
    users = {}
    for module in NETWORKS.values():
        net = module.build()
        for name, shape in net.convolutions:
            users.setdefault(shape, []).append((net.name, name))
    found = {
        ".".join(uses[0]): (shape, Counter(network for network, _ in uses))
        for shape, uses in users.items()
    }
    for name, (shape, count) in MOBILENETV3.items():
        found[name] = shape, Counter(mobilenetv3=count)
    return found


def line(name, c, counts):
    numbers = (c.channels, c.height, c.width, c.filters, c.kernel, c.kernel)
    numbers += (c.stride, c.pad, c.dilation, c.groups)
    uses = ", ".join(f"{network} x {n}" for network, n in counts.items())
    return f'CONVOLUTION("{name}", {", ".join(map(str, numbers))}) /* {uses} */'


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--suite", action="store_true", help="only those that the suite measures")
    arguments = parser.parse_args()
    shapes = distinct()
    print("/* Written by bench/networks/shapes.py. Name; channels, height and width of the input;")
    print(" * filters; height and width of the kernel; stride, padding, dilation, groups. */")
    for name in SUITE if arguments.suite else shapes:
        print(line(name, *shapes[name]))


if __name__ == "__main__":
    main()
