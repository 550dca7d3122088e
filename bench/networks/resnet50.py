"""ResNet-50, He et al. 2015 (arXiv:1512.03385), as torchvision has it: the stride lies in the 3x3
convolutions."""

from builder import Network, Published

PUBLISHED = Published(25557032, 4.089e9)  # torchvision, ResNet50_Weights

FEED = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)  # of ImageNet, RGB


def bottleneck(net, x, name, width, stride):
    y = net.conv_norm(x, name + ".conv1", width, 1, activation="relu")
    y = net.conv_norm(y, name + ".conv2", width, 3, stride, activation="relu")
    y = net.conv_norm(y, name + ".conv3", 4 * width, 1)
    if x.shape != y.shape:
        x = net.conv_norm(x, name + ".downsample", 4 * width, 1, stride)
    return net.relu(net.add(x, y, name + ".add"), name)


def trunk(net, x, prefix=""):
    """The four stages: maps of stride 4, 8, 16 and 32."""
    x = net.conv_norm(x, prefix + "conv1", 64, 7, 2, activation="relu")
    x = net.max_pool(x, prefix + "maxpool", 3, 2, 1)
    stages = []
    for stage, blocks in enumerate((3, 4, 6, 3)):
        for block in range(blocks):
            stride = 2 if stage and not block else 1
            x = bottleneck(net, x, f"{prefix}layer{stage + 1}.{block}", 64 << stage, stride)
        stages.append(x)
    return stages


def build():
    net = Network("resnet50")
    x = trunk(net, net.input("input", 224, 224, *FEED, side=224))[-1]
    x = net.global_average_pool(x, "avgpool")
    net.output(net.linear(x, "fc", 1000, std=2), "output")
    return net


def sidecar():
    return {
        "input": {
            "width": 224,
            "height": 224,
            "channels": "rgb",
            "resize": "crop",
            "shorter": 256,
            "mean": FEED[0],
            "scale": FEED[1],
        },
        "head": {"type": "classifier", "activation": "softmax"},
    }
