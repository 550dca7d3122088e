"""The ONNX file of a case and what there is to know of it."""

import os
from dataclasses import dataclass, field

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from environment import HOME


@dataclass
class Model:
    path: str
    shape: tuple  # of its one input
    outputs: list  # their names
    numbers: tuple = ()  # of the operation that it consists of, as Case has them
    weights: np.ndarray = field(default=None, repr=False)
    result: tuple = ()  # shape of its output


def case_file(name):
    folder = os.path.join(HOME, "cases")
    os.makedirs(folder, exist_ok=True)
    return os.path.join(folder, name.replace("/", "_") + ".onnx")


class File:
    """What an ONNX file says."""

    def __init__(self, path):
        file = onnx.load(path, load_external_data=False)
        self.path, self.outputs = path, [o.name for o in file.graph.output]
        dims = [d.dim_value for d in file.graph.input[0].type.tensor_type.shape.dim]
        self.shape = tuple(dims) if all(d > 0 for d in dims) else None  # None: some extent is open
        self.author = next((n.value for n in file.metadata_props if n.key == "author"), None)

    def model(self, shape):
        """Fed with inputs of this shape; a file that leaves it open gives one that says it."""
        path = self.path
        if not self.shape:
            file = onnx.load(path)
            for dim, extent in zip(file.graph.input[0].type.tensor_type.shape.dim, shape):
                dim.dim_value = extent
            path = case_file(os.path.splitext(os.path.basename(path))[0])
            onnx.save(file, path)
        return Model(path, tuple(shape), self.outputs)


def of_operation(case):
    """One convolution, or one product with constant second operand, with weights that keep the scale."""
    rng = np.random.default_rng(0)
    if case.kind == "conv2d":
        c, h, w, k, kh, kw, stride, pad, dilation, groups = case.numbers
        shape, fan = (1, c, h, w), c // groups * kh * kw
        weights = rng.standard_normal((k, c // groups, kh, kw), dtype=np.float32) / np.float32(fan**0.5)
        node = helper.make_node("Conv", ["x", "w"], ["y"], strides=[stride] * 2, pads=[pad] * 4,
                                dilations=[dilation] * 2, group=groups)
        spatial = [(size + 2 * pad - dilation * (side - 1) - 1) // stride + 1
                   for size, side in ((h, kh), (w, kw))]
        result = (1, k, *spatial)
    else:
        m, n, k = case.numbers
        shape, result = (m, k), (m, n)
        weights = rng.standard_normal((k, n), dtype=np.float32) / np.float32(k**0.5)
        node = helper.make_node("Gemm", ["x", "w"], ["y"])
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, s)
              for name, s in (("x", shape), ("y", result))]
    graph = helper.make_graph([node], "case", values[:1], values[1:], [numpy_helper.from_array(weights, "w")])
    path = case_file(case.name)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path)
    return Model(path, shape, ["y"], case.numbers, weights, result)
