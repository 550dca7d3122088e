"""What is compared: whole networks, image to boxes, single operations."""

import fnmatch
import json
import os
import re
from dataclasses import asdict, dataclass

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SHARED = os.path.join(ROOT, "..", "shared")

SIDECARS = os.path.join(ROOT, "tests", "models")
# network: the picture it is shown
SHARED_NETWORKS = {
    "ultraface_rfb320": "grace_hopper.png",
    "yolox_nano": "cat.png",
    "squeezenet11": "cat.png",
    "mcunet": "cat.png",
    "tiny_face_yolov2": "grace_hopper.png",
    "yunet_n_dynamic": "grace_hopper.png",
}
PICTURE = "cat.png"  # of every other network

# Named as the suite of detcl bench. Those of torchvision and torch, which torchvision_peer.py makes:
OPERATIONS = [
    *("nms/uniform/%d" % n for n in (1000, 10000, 50000)),
    *("nms80/uniform/%d" % n for n in (1000, 10000, 100000)),
    "iou/5000x5000",
    "roi_align/1000_256x50x68",
    "deform_conv2d/64x64x64",
    "deform_conv2d/256x32x32",
    "decode/yolov8_640",
    "decode/ssd_300",
    "topk/1000_of_200000",
    "sort/80x10000",
]
PRODUCTS = [(256, 256, 256), (1024, 1024, 1024), (3136, 64, 64), (300, 256, 256), (1, 1000, 2048),
            (1000, 1024, 12544)]


@dataclass(frozen=True)
class Case:
    name: str
    kind: str  # network, boxes, conv2d, gemm, detection
    model: str = ""  # ONNX file of a network
    sidecar: str = ""
    image: str = ""
    numbers: tuple = ()  # conv2d: C H W K kh kw stride pad dilation groups; gemm: m n k

    def as_json(self):
        return json.dumps(asdict(self))


def from_json(line):
    values = json.loads(line)
    return Case(**{**values, "numbers": tuple(values["numbers"])})


def sidecar_of(name, *folders):
    paths = [os.path.join(folder, name + ".detcl.json") for folder in folders]
    return next(filter(os.path.exists, paths), "")


def shared_networks():
    for name, image in SHARED_NETWORKS.items():
        model = os.path.join(SHARED, "models", name + ".onnx")
        if os.path.exists(model):
            yield name, model, sidecar_of(name, SIDECARS), os.path.join(SHARED, "images", image)


def generated_networks(folder):
    for file in sorted(os.listdir(folder)) if folder else []:
        name, kind = os.path.splitext(file)
        if kind == ".onnx":
            image = os.path.join(SHARED, "images", PICTURE)
            yield name, os.path.join(folder, file), sidecar_of(name, folder, SIDECARS), image


def network_cases(folder):
    """Each network twice: tensors to tensors, and, where it is said how to feed it, image to boxes."""
    taken = set()
    for name, model, sidecar, image in [*shared_networks(), *generated_networks(folder)]:
        if name in taken:
            name += "_random"
        taken.add(name)
        yield Case(name, "network", model, sidecar, image)
        if os.path.exists(image):
            yield Case(name + "/boxes", "boxes", model, sidecar, image)


def convolution_cases(file):
    """CONVOLUTION("name", C, H, W, K, kh, kw, stride, pad, dilation, groups) a line."""
    if not os.path.exists(file):
        return
    with open(file) as lines:
        for name, numbers in re.findall(r'^\s*CONVOLUTION\("([^"]+)",([^)]*)\)', lines.read(), re.M):
            yield Case("conv2d/" + name, "conv2d", numbers=tuple(map(int, numbers.split(","))))


def all_cases(networks, convolutions, glob):
    found = [
        *network_cases(networks),
        *convolution_cases(convolutions),
        *(Case("gemm/%dx%dx%d" % p, "gemm", numbers=p) for p in PRODUCTS),
        *(Case(name, "detection") for name in OPERATIONS),
    ]
    return [c for c in found if any(fnmatch.fnmatchcase(c.name, g) for g in glob)]
