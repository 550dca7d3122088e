"""A network's first step for those who do not know strided slices: YOLO's Focus as part of its convolution.

Four slices of every second row and column, concatenated, and a convolution of 3x3 are one convolution of
6x6 with stride 2: the same products, summed in another order (as YOLOv5 6.0 has it).
"""

import numpy as np
from onnx import helper, numpy_helper


def constants_of(graph):
    found = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    found.update((n.output[0], numpy_helper.to_array(n.attribute[0].t))
                 for n in graph.node if n.op_type == "Constant")
    return found


def offsets(name, makers, constants):
    """Where a tensor of every second row and column starts in which other: (source, row, column)."""
    start = {2: 0, 3: 0}
    while name in makers and makers[name].op_type == "Slice" and len(makers[name].input) == 5:
        source, starts, _, axes, steps = makers[name].input
        for at, axis, step in zip(constants[starts], constants[axes], constants[steps]):
            if int(axis) not in start or step != 2:
                return None
            start[int(axis)] = int(at)
        name = source
    return name, start[2], start[3]


def without_focus(file):
    """Change the first Focus of the model in place, if it has one."""
    graph = file.graph
    makers = {o: n for n in graph.node for o in n.output}
    constants = constants_of(graph)
    for concat in (n for n in graph.node if n.op_type == "Concat" and len(n.input) == 4):
        parts = [offsets(i, makers, constants) for i in concat.input]
        readers = [n for n in graph.node if concat.output[0] in n.input]
        corners = {p[1:] for p in parts if p}
        if len(corners) != 4 or len({p[0] for p in parts}) != 1 or [r.op_type for r in readers] != ["Conv"]:
            continue
        conv = readers[0]
        w = constants[conv.input[1]]
        channels = w.shape[1] // 4
        if w.shape[2:] != (3, 3):
            continue
        wide = np.zeros((w.shape[0], channels, 6, 6), np.float32)
        for q, (_, row, column) in enumerate(parts):
            wide[:, :, row::2, column::2] = w[:, q * channels : (q + 1) * channels]
        graph.initializer.append(numpy_helper.from_array(wide, conv.output[0] + ".focus"))
        merged = helper.make_node("Conv", [parts[0][0], conv.output[0] + ".focus", *conv.input[2:]],
                                  conv.output, strides=[2, 2], pads=[2, 2, 2, 2], name=conv.name)
        at = list(graph.node).index(conv)
        graph.node.remove(conv)
        graph.node.insert(at, merged)
        return
