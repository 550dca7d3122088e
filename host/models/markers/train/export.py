"""Writes a checkpoint as ONNX (opset 13): BatchNormalization folded, height and width free.

    python3 export.py ../markers.onnx RUN/last.pt [MORE.pt ...]

The weights of several checkpoints of one run are averaged.

The graph is written node by node, so that it holds nothing but Conv, Relu, Add, Resize, Sigmoid,
Concat, Reshape and Transpose. The result is compared with PyTorch before it is kept.
"""

import argparse
import json
import os

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper

import symbols
from model import CLASSES, MEAN, SCALE, STRIDES, Markers, Separable, Unit


class Graph:
    def __init__(self):
        self.nodes, self.weights = [], []

    def constant(self, name, array):
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def node(self, op, inputs, name, **attributes):
        self.nodes.append(helper.make_node(op, inputs, [name], name=name, **attributes))
        return name

    def conv(self, x, name, conv, weight, bias):
        k, p = list(conv.kernel_size), conv.padding[0]
        inputs = [x, self.constant(name + ".weight", weight), self.constant(name + ".bias", bias)]
        return self.node(
            "Conv",
            inputs,
            name,
            kernel_shape=k,
            strides=list(conv.stride),
            pads=[p] * 4,
            dilations=[1, 1],
            group=conv.groups,
        )

    def unit(self, x, name, unit):
        conv, norm, _ = unit
        gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        weight = (conv.weight * gain[:, None, None, None]).numpy()
        bias = (norm.bias - norm.running_mean * gain).numpy()
        return self.node("Relu", [self.conv(x, name + ".conv", conv, weight, bias)], name)

    def separable(self, x, name, block):
        y = self.unit(self.unit(x, name + ".depthwise", block[0]), name + ".pointwise", block[1])
        return self.node("Add", [x, y], name) if block.residual else y

    def chain(self, x, name, modules):
        for i, module in enumerate(modules):
            add = {Unit: self.unit, Separable: self.separable}[type(module)]
            x = add(x, f"{name}.{i}", module)
        return x

    def double(self, x, name):
        scales = "double.scales"
        if all(w.name != scales for w in self.weights):
            self.constant(scales, np.array([1, 1, 2, 2], np.float32))
        return self.node(
            "Resize",
            [x, "", scales],
            name,
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        )

    def head(self, x, name, conv):
        """Offsets and sizes as they are, objectness and classes through the sigmoid."""
        w, b = conv.weight.numpy(), conv.bias.numpy()
        box = self.conv(x, name + ".box", conv, w[:4], b[:4])
        score = self.conv(x, name + ".score", conv, w[4:], b[4:])
        score = self.node("Sigmoid", [score], name + ".probability")
        joined = self.node("Concat", [box, score], name + ".joined", axis=1)
        return self.node("Reshape", [joined, "flat.shape"], name)


def build(model):
    g = Graph()
    g.constant("flat.shape", np.array([0, 5 + CLASSES, -1], np.int64))
    x, features = g.chain("images", "stem", model.stem), []
    for i, (stage, lateral) in enumerate(zip(model.stages, model.laterals)):
        x = g.chain(x, f"stage{i}", stage)
        features.append(g.unit(x, f"lateral{i}", lateral))
    for i in (1, 0):
        up = g.double(features[i + 1], f"up{i}")
        total = g.node("Add", [features[i], up], f"sum{i}")
        features[i] = g.separable(total, f"merge{i}", model.merges[i])
    levels = [
        g.head(g.separable(f, f"tower{i}", tower), f"level{i}", head)
        for i, (f, tower, head) in enumerate(zip(features, model.towers, model.heads))
    ]
    joined = g.node("Concat", levels, "levels", axis=2)
    g.node("Transpose", [joined], "output", perm=[0, 2, 1])
    graph = helper.make_graph(
        g.nodes,
        "markers",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, "height", "width"])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, "cells", 5 + CLASSES])],
        g.weights,
    )
    made = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="detcl markers"
    )
    made.ir_version = 7
    onnx.checker.check_model(made, full_check=True)
    return made


def compare(path, model):
    """Largest difference from PyTorch over two sizes; raises if it is more than rounding."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    for h, w in ((512, 512), (320, 416)):
        x = torch.randn(1, 3, h, w)
        flat, _ = model(x)
        flat[..., 4:] = flat[..., 4:].sigmoid()
        worst = np.abs(session.run(None, {"images": x.numpy()})[0] - flat.numpy()).max()
        print(f"{h} x {w}: largest difference {worst:.2e}")
        if not worst < 1e-3:
            raise SystemExit("the exported graph does not agree with the network")


def sidecar(path, size):
    side = {
        "name": "markers",
        "input": {
            "width": size,
            "height": size,
            "channels": "rgb",
            "resize": "letterbox",
            "anchor": "top-left",
            "pad": 114,
            "mean": [MEAN] * 3,
            "scale": [SCALE] * 3,
        },
        "head": {"type": "yolox", "strides": list(STRIDES), "outputs": ["output"]},
        "score": 0.4,
        "iou": 0.5,
        "labels": symbols.LABELS,
    }
    with open(os.path.splitext(path)[0] + ".detcl.json", "w") as f:
        lines = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in side.items()]
        f.write("{\n" + ",\n".join(lines) + "\n}\n")


def average(paths):
    states = [torch.load(path, map_location="cpu")["average"] for path in paths]
    return {
        name: (sum(s[name].double() for s in states) / len(states)).to(value.dtype)
        for name, value in states[0].items()
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("onnx")
    parser.add_argument("checkpoints", nargs="+")
    parser.add_argument("--size", type=int, default=640)
    args = parser.parse_args()
    model = Markers().eval()
    model.load_state_dict(average(args.checkpoints))
    with torch.no_grad():
        made = build(model)
        onnx.save(made, args.onnx + ".tmp")
        compare(args.onnx + ".tmp", model)
    os.replace(args.onnx + ".tmp", args.onnx)
    sidecar(args.onnx, args.size)
    print(f"{args.onnx}: {os.path.getsize(args.onnx)} bytes")


if __name__ == "__main__":
    main()
