"""Makes a checkpoint to train on from an exported file, in which BatchNormalization is folded.

    python3 recover.py ../markers.onnx CACHE start.pt       # then train.py --resume start.pt

The mean and the variance that each BatchNormalization needs are measured over training windows,
and its gain and offset are set to undo them, so the function stays what it was. What is lost for
good is the length of each filter before folding, which does not change the function but how fast
training turns the filter: all get the same one.
"""

import argparse
import itertools

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import numpy_helper
from torch import nn

from dataset import Batches
from model import MEAN, SCALE, Markers, Unit

LENGTH = 0.75  # of each filter: near what an initialisation gives, and some training


def in_order(model):
    """The convolutions in order of use, which is the order of the exported nodes."""
    seen = []
    hooks = [
        m.register_forward_hook(lambda m, *_: seen.append(m))
        for m in model.modules()
        if isinstance(m, nn.Conv2d)
    ]
    model.levels(torch.zeros(1, 3, 64, 64))
    for hook in hooks:
        hook.remove()
    return seen


def load(model, path):
    """Fills the convolutions; a unit's BatchNormalization just scales and adds the folded bias."""
    graph = onnx.load(path).graph
    arrays = {w.name: torch.from_numpy(numpy_helper.to_array(w).copy()) for w in graph.initializer}
    nodes = (node for node in graph.node if node.op_type == "Conv")
    norms = {m[0]: m[1] for m in model.modules() if isinstance(m, Unit)}
    for conv in in_order(model):
        # A head is two nodes in the file: box and score.
        parts = [next(nodes).input for _ in range(1 if conv in norms else 2)]
        weight, bias = (torch.cat([arrays[p[i]] for p in parts]) for i in (1, 2))
        if conv not in norms:
            conv.weight.copy_(weight)
            conv.bias.copy_(bias)
            continue
        gain = weight.flatten(1).norm(dim=1) / LENGTH
        conv.weight.copy_(weight / gain[:, None, None, None])
        norm = norms[conv]
        norm.weight.copy_(gain)
        norm.bias.copy_(bias)
        norm.running_mean.zero_()
        norm.running_var.fill_(1 - norm.eps)
    return norms


def measure(model, norms, batches):
    """Mean and variance of each unit's convolution over all positions of all windows."""
    sums = {conv: [0.0, 0.0, 0] for conv in norms}

    def add(conv, _, out):
        total = sums[conv]
        total[0] += out.double().sum((0, 2, 3))
        total[1] += out.double().square().sum((0, 2, 3))
        total[2] += out[:, 0].numel()

    hooks = [conv.register_forward_hook(add) for conv in norms]
    for images, _ in batches:
        model.levels((images.float() - MEAN) / SCALE)
    for hook in hooks:
        hook.remove()
    for conv, (total, squares, count) in sums.items():
        mean = total / count
        yield norms[conv], mean.float(), (squares / count - mean.square()).float()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("onnx")
    parser.add_argument("cache")
    parser.add_argument("checkpoint")
    parser.add_argument("--batches", type=int, default=40)
    args = parser.parse_args()
    model = Markers().eval()
    with torch.no_grad():
        norms = load(model, args.onnx)
        windows = itertools.islice(Batches(args.cache, 0), args.batches)
        for norm, mean, variance in list(measure(model, norms, windows)):
            norm.running_mean.copy_(mean)
            norm.running_var.copy_(variance)
            norm.bias += norm.weight * mean
            norm.weight *= (variance + norm.eps).sqrt()
        x = torch.randn(1, 3, 320, 416)
        flat = model(x)[0]
        flat[..., 4:] = flat[..., 4:].sigmoid()
    session = onnxruntime.InferenceSession(args.onnx, providers=["CPUExecutionProvider"])
    worst = np.abs(session.run(None, {"images": x.numpy()})[0] - flat.numpy()).max()
    print(f"largest difference {worst:.2e}")
    if not worst < 1e-3:
        raise SystemExit("the checkpoint does not agree with the exported file")
    torch.save({"average": model.state_dict(), "step": 0}, args.checkpoint)


if __name__ == "__main__":
    main()
