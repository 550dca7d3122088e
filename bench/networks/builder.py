"""What the networks are built with: ONNX nodes, weights drawn from a fixed seed, counts.

Weights are He-initialised: drawn so that the variance stays from layer to layer. He et al. derive the factor for
ReLU; here it is measured, for any activation: each tensor carries a sample of its values, which is sent through
the same functions as the tensor. The sample also tells the statistics that a BatchNormalization would have
learned, so that its output has about unit variance, as in a trained network. A convolution without one cancels the
mean of its input by its bias.
"""

import zlib
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 13
IR_VERSION = 8
SAMPLE = 4096


@dataclass
class Tensor:
    name: str
    shape: tuple  # N, C, H, W at first; whatever the nodes make of it later
    sample: np.ndarray  # of the values


@dataclass(frozen=True)
class Convolution:
    """The shape of one convolution at batch 1; height and width are those of the input."""

    channels: int
    height: int
    width: int
    filters: int
    kernel: int
    stride: int
    pad: int
    dilation: int
    groups: int


class Network:
    """A graph under construction. Methods append nodes and return the tensor that they make."""

    def __init__(self, name):
        self.name = name
        # RandomState, because its streams are the same in every release of numpy.
        self.random = np.random.RandomState(zlib.crc32(name.encode()))
        self.nodes, self.initialisers, self.inputs, self.outputs = [], {}, [], []
        self.metadata = {}
        self.parameters = 0  # as frameworks count them: without running statistics and constants
        self.macs = 0
        self.convolutions = []  # name, Convolution

    # --- graph ---------------------------------------------------------------------------------

    def input(self, name, height, width, mean, std):
        """An image of three channels. mean, std: of its values."""
        return self._input(name, (1, 3, height, width), self._normal(mean, std))

    def _input(self, name, shape, sample):
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        return Tensor(name, shape, sample)

    def output(self, x, name):
        """Make `x` an output of the network, called `name`."""
        node = next(n for n in self.nodes if x.name in n.output)
        node.output[list(node.output).index(x.name)] = name
        self.outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, x.shape))

    def constant(self, name, values, dtype=np.float32):
        self.initialisers[name] = np.asarray(values, dtype)
        return name

    def node(self, kind, name, inputs, shape, sample, **attributes):
        names = [i.name if isinstance(i, Tensor) else i for i in inputs]
        self.nodes.append(helper.make_node(kind, names, [name], name, **attributes))
        return Tensor(name, tuple(shape), sample)

    def model(self):
        graph = helper.make_graph(
            self.nodes,
            self.name,
            self.inputs,
            self.outputs,
            [numpy_helper.from_array(v, k) for k, v in self.initialisers.items()],
        )
        model = helper.make_model(
            graph,
            producer_name="bench/networks",
            ir_version=IR_VERSION,
            opset_imports=[helper.make_opsetid("", OPSET)],
        )
        helper.set_model_props(model, self.metadata)
        onnx.checker.check_model(model, full_check=True)
        return model

    # --- weights -------------------------------------------------------------------------------

    def _normal(self, mean, std):
        return mean + std * self.random.standard_normal(SAMPLE)

    def parameter(self, name, values):
        self.parameters += values.size
        return self.constant(name, values)

    def _filters(self, name, x, shape, std):
        """Weights that give outputs of the standard deviation `std`; those of an earlier call with the same
        name, if there was one. Returns name, mean and variance of each filter's output."""
        if name not in self.initialisers:
            fan_in = int(np.prod(shape[1:]))
            w = self.random.standard_normal(shape) * (std / np.sqrt(fan_in * x.sample.var()))
            self.parameter(name, w)
        flat = self.initialisers[name].astype(np.float64).reshape(shape[0], -1)
        return name, x.sample.mean() * flat.sum(1), x.sample.var() * (flat**2).sum(1)

    # --- layers --------------------------------------------------------------------------------

    def conv(self, x, name, filters, kernel, stride=1, pad=None, dilation=1, groups=1, **more):
        """A convolution; pad: on every side, by default what keeps the size at stride 1. More: those of _conv."""
        channels, height, width = x.shape[1:]
        if pad is None:
            pad = dilation * (kernel // 2)
        self.convolutions.append(
            (name, Convolution(channels, height, width, filters, kernel, stride, pad, dilation, groups))
        )
        return self._conv(x, name, self.convolutions[-1][1], **more)

    def _conv(self, x, name, c, bias=0.0, std=1.0, share=None):
        """bias: mean of the outputs, None: the node has no bias; std: of the outputs; share: the name under which
        several convolutions use the same weights."""
        share = share or name
        shape = (c.filters, c.channels // c.groups, c.kernel, c.kernel)
        weight, mean, variance = self._filters(share + ".weight", x, shape, std)
        inputs = [x, weight]
        if bias is not None:
            if share + ".bias" not in self.initialisers:
                self.parameter(share + ".bias", bias - mean)
            inputs.append(share + ".bias")
            mean = np.asarray(bias)
        reach = c.dilation * (c.kernel - 1) + 1
        height, width = ((side + 2 * c.pad - reach) // c.stride + 1 for side in (c.height, c.width))
        self.macs += int(np.prod(shape)) * height * width
        y = self.node(
            "Conv",
            name,
            inputs,
            (1, c.filters, height, width),
            self._normal(mean.mean(), np.sqrt(variance.mean() + mean.var())),
            kernel_shape=[c.kernel] * 2,
            strides=[c.stride] * 2,
            pads=[c.pad] * 4,
            dilations=[c.dilation] * 2,
            group=c.groups,
        )
        self._statistics = mean, variance
        return y

    def batch_norm(self, x, name, epsilon=1e-5):
        """Behind a convolution without bias: the node before must have been one."""
        n = x.shape[1]
        mean, variance = self._statistics
        gamma, beta = self.random.uniform(0.75, 1.25, n), self.random.uniform(-0.25, 0.25, n)
        inputs = [
            x,
            self.parameter(name + ".weight", gamma),
            self.parameter(name + ".bias", beta),
            self.constant(name + ".running_mean", mean),
            self.constant(name + ".running_var", variance),
        ]
        sample = self._normal(beta.mean(), np.sqrt((gamma**2).mean() + beta.var()))
        return self.node("BatchNormalization", name, inputs, x.shape, sample, epsilon=epsilon)

    def conv_norm(self, x, name, filters, kernel, stride=1, groups=1, activation=None, epsilon=1e-5):
        """Convolution, BatchNormalization and an activation: the name of one of the methods below."""
        y = self.conv(x, name, filters, kernel, stride, groups=groups, bias=None)
        y = self.batch_norm(y, name + ".norm", epsilon)
        return getattr(self, activation)(y, name) if activation else y

    def linear(self, x, name, outputs, std=1.0):
        """A fully connected layer on 1 x C."""
        weight, mean, _ = self._filters(name + ".weight", x, (outputs, x.shape[1]), std)
        bias = self.parameter(name + ".bias", -mean)
        self.macs += outputs * x.shape[1]
        return self.node(
            "Gemm", name, [x, weight, bias], (1, outputs), self._normal(0, std), transB=1
        )

    def relu(self, x, name):
        return self.node("Relu", name + ".relu", [x], x.shape, np.maximum(x.sample, 0))

    def relu6(self, x, name):
        bounds = [self.constant("zero", 0), self.constant("six", 6)]
        return self.node("Clip", name + ".relu6", [x] + bounds, x.shape, np.clip(x.sample, 0, 6))

    def sigmoid(self, x, name):
        sample = 1 / (1 + np.exp(-x.sample))
        return self.node("Sigmoid", name + ".sigmoid", [x], x.shape, sample)

    def silu(self, x, name):
        gate = self.sigmoid(x, name)
        return self.node("Mul", name + ".silu", [x, gate], x.shape, x.sample * gate.sample)

    def add(self, x, y, name):
        sample = x.sample + self.random.permutation(y.sample)
        return self.node("Add", name, [x, y], x.shape, sample)

    def max_pool(self, x, name, kernel, stride, pad=0, ceil_mode=0):
        rounding = (stride - 1) * ceil_mode
        sides = ((side + 2 * pad - kernel + rounding) // stride + 1 for side in x.shape[2:])
        # As the largest of four: neighbours resemble each other.
        sample = np.max([self.random.permutation(x.sample) for _ in range(4)], axis=0)
        return self.node(
            "MaxPool",
            name,
            [x],
            (*x.shape[:2], *sides),
            sample,
            kernel_shape=[kernel] * 2,
            strides=[stride] * 2,
            pads=[pad] * 4,
            ceil_mode=ceil_mode,
        )

    def global_average_pool(self, x, name):
        shape = (*x.shape[:2], 1, 1)
        return self.node("GlobalAveragePool", name, [x], shape, x.sample)

    def upsample(self, x, name):
        """Twice as large, nearest neighbour."""
        n, c, h, w = x.shape
        scales = self.constant("twice", [1, 1, 2, 2])
        return self.node(
            "Resize",
            name,
            [x, "", scales],
            (n, c, 2 * h, 2 * w),
            x.sample,
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        )

    def expected_bin(self, x, name):
        """1 x bins x H x W of probabilities to 1 x 1 x H x W: a convolution with 0, 1, 2, ... as its weights."""
        _, bins, height, width = x.shape
        weight = self.parameter(name + ".weight", np.arange(bins).reshape(1, bins, 1, 1))
        self.macs += bins * height * width
        return self.node("Conv", name, [x, weight], (1, 1, height, width), x.sample)

    # --- elements moved ------------------------------------------------------------------------

    def concat(self, xs, name, axis=1):
        shape = list(xs[0].shape)
        shape[axis] = sum(x.shape[axis] for x in xs)
        share = np.array([x.shape[axis] for x in xs]) / shape[axis]
        chosen = self.random.choice(len(xs), SAMPLE, p=share)
        sample = np.choose(chosen, [x.sample for x in xs])
        return self.node("Concat", name, xs, shape, sample, axis=axis)

    def split(self, x, name, sizes, axis=1):
        names = [f"{name}.{i}" for i in range(len(sizes))]
        lengths = self.constant(name + ".sizes", sizes, np.int64)
        self.nodes.append(helper.make_node("Split", [x.name, lengths], names, name, axis=axis))
        shapes = [(*x.shape[:axis], size, *x.shape[axis + 1 :]) for size in sizes]
        return [Tensor(n, s, x.sample) for n, s in zip(names, shapes)]

    def every_second(self, x, name, axis, first):
        """Slice [first::2] of an axis."""
        shape = list(x.shape)
        shape[axis] = (shape[axis] - first + 1) // 2
        numbers = [
            self.constant(f"number.{v}", [v], np.int64) for v in (first, np.iinfo(np.int64).max, axis, 2)
        ]
        return self.node("Slice", name, [x] + numbers, shape, x.sample)

    def reshape(self, x, name, shape):
        target = self.constant(name + ".shape", shape, np.int64)
        return self.node("Reshape", name, [x, target], shape, x.sample)

    def transpose(self, x, name, order):
        shape = [x.shape[i] for i in order]
        return self.node("Transpose", name, [x], shape, x.sample, perm=order)

    def rows(self, x, name, columns):
        """1 x A*columns x H x W to 1 x H*W*A x columns: a row for each anchor of each cell."""
        _, channels, height, width = x.shape
        anchors = channels // columns
        x = self.transpose(x, name + ".channels_last", [0, 2, 3, 1])
        return self.reshape(x, name + ".rows", (1, height * width * anchors, columns))

    def softmax(self, x, name, axis):
        return self.node("Softmax", name, [x], x.shape, x.sample, axis=axis)
