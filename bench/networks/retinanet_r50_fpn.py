"""RetinaNet on ResNet-50 with a feature pyramid, Lin et al. 2017 (arXiv:1708.02002), as torchvision
has it: P6 from P5, heads of four convolutions that all levels share, without normalisation, 9
anchors a cell, 91 classes of COCO. 800 x 800. Anchors lie at the levels' strides; torchvision
derives 61 and 114 pixels for P6 and P7."""

import resnet50
from builder import Network, Published

# torchvision, RetinaNet_ResNet50_FPN_Weights.
PUBLISHED = Published(34014999, 151.54e9, norms=0)

FEED = resnet50.FEED
CLASSES = 91
ANCHORS = 9


def pyramid(net, stages):
    """P3 to P7 from C3 to C5."""
    merged = net.conv(stages[-1], "fpn.inner2", 256, 1)
    levels = [net.conv(merged, "fpn.layer2", 256, 3)]
    for i in (1, 0):
        inner = net.conv(stages[i], f"fpn.inner{i}", 256, 1)
        merged = net.add(inner, net.upsample(merged, f"fpn.upsample{i}"), f"fpn.add{i}")
        levels.insert(0, net.conv(merged, f"fpn.layer{i}", 256, 3))
    levels.append(net.conv(levels[-1], "fpn.p6", 256, 3, 2))
    levels.append(net.conv(net.relu(levels[-1], "fpn.p6"), "fpn.p7", 256, 3, 2))
    return levels


def tower(net, x, head, level):
    for i in range(4):
        name = f"{head}.conv{i}.p{level}"
        x = net.relu(net.conv(x, name, 256, 3, share=f"{head}.conv{i}"), name)
    return x


def build(height=800, width=800):
    net = Network("retinanet_r50_fpn")
    x = net.input("input", height, width, *FEED, side=192)
    levels = pyramid(net, resnet50.trunk(net, x, "body.")[1:])
    offsets, scores = [], []
    for level, x in enumerate(levels, 3):
        name = f"boxes.p{level}"
        y = tower(net, x, "boxes", level)
        y = net.conv(y, name, 4 * ANCHORS, 3, std=0.3, anchors=ANCHORS, share="boxes")
        offsets.append(net.rows(y, name, 4))
        name = f"classes.p{level}"
        y = tower(net, x, "classes", level)
        y = net.conv(y, name, CLASSES * ANCHORS, 3, bias=-8, anchors=ANCHORS, share="classes")
        scores.append(net.rows(y, name, CLASSES))
    net.output(net.concat(offsets, "offsets"), "boxes")
    net.output(net.sigmoid(net.concat(scores, "logits"), "classes"), "scores")
    return net


def sidecar():
    return {
        "input": {
            "width": 800,
            "height": 800,
            "channels": "rgb",
            "resize": "letterbox",
            "anchor": "top-left",
            "pad": 116,
            "mean": FEED[0],
            "scale": FEED[1],
        },
        "score": 0.05,
        "iou": 0.5,
    }
