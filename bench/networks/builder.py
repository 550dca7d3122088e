"""What the networks are built with: ONNX nodes, weights drawn from a fixed seed, counts.

Every tensor carries its values for a few synthetic pictures, computed along with the graph. They
tell the statistics that a BatchNormalization would have learned, and the factor that gives the
outputs of a convolution without one the wanted variance, where He et al. 2015 derive a factor for
ReLU. So activations stay in range through any depth, and scores spread as those of trained
networks do.
"""

import zlib
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 13
IR_VERSION = 8
PICTURES = 4


@dataclass
class Tensor:
    name: str
    shape: tuple  # in the network
    values: np.ndarray  # for the pictures, of any size; None behind the last weights


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

    def sides(self, height, width):
        reach = self.dilation * (self.kernel - 1) + 1
        return tuple((side + 2 * self.pad - reach) // self.stride + 1 for side in (height, width))


@dataclass(frozen=True)
class Published:
    """Figures by the authors. norms: how many parameters a normalised channel they count: 2 before
    the normalisation is folded into the convolution, 1 after, 0 where it is frozen."""

    parameters: float
    macs: float
    norms: int = 2


def pictures(random, count, side):
    """count x 3 x side x side in 0..255: noise with the spectrum of photographs, from rough to
    smooth, each with a brightness, a contrast and a tint of its own."""
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side))
    frequency = np.maximum(frequency, 1 / side)
    noise = random.standard_normal((count, 3, side, side))
    noise = np.fft.rfft2(noise + noise[:, :1])  # the colours resemble each other
    for i, slope in enumerate(np.linspace(0.8, 2, count)):
        noise[i] *= frequency**-slope
    noise = np.fft.irfft2(noise, (side, side))
    noise /= noise.std((1, 2, 3), keepdims=True)
    brightness = random.uniform(60, 180, (count, 1, 1, 1))
    tint = random.uniform(-40, 40, (count, 3, 1, 1))
    contrast = random.uniform(25, 75, (count, 1, 1, 1))
    return np.clip(brightness + tint + contrast * noise, 0, 255)


def convolve(x, w, c):
    """N x C x H x W with K x C/groups x k x k; groups: 1 or all channels."""
    height, width = c.sides(*x.shape[2:])
    x = np.pad(x, ((0, 0), (0, 0), (c.pad, c.pad), (c.pad, c.pad)))
    y = np.zeros((len(x), len(w), height * width))
    for row in range(c.kernel):
        for column in range(c.kernel):
            top, left = row * c.dilation, column * c.dilation
            window = x[:, :, top :: c.stride, left :: c.stride][:, :, :height, :width]
            window = window.reshape(*x.shape[:2], -1)
            tap = w[:, :, row, column]
            y += tap @ window if c.groups == 1 else tap * window
    return y.reshape(len(x), len(w), height, width)


def rounded(v):
    """To 12 bits: sums in another order, by another BLAS, give the same weights."""
    mantissa, exponent = np.frexp(v)
    return np.ldexp(np.round(mantissa * 4096), exponent - 12)


def moments(values):
    """Mean and variance of each channel."""
    axes = (0, *range(2, values.ndim))
    return rounded(values.mean(axes)), rounded(values.var(axes))


class Network:
    """A graph under construction. Methods append nodes and return the tensor that they make."""

    def __init__(self, name):
        self.name = name
        # RandomState, because its streams are the same in every release of numpy.
        self.random = np.random.RandomState(zlib.crc32(name.encode()))
        self.nodes, self.initialisers, self.inputs, self.outputs = [], {}, [], []
        self.metadata = {}
        self.parameters = 0  # weights and biases, those of normalisations not counted
        self.normalised = 0  # channels
        self.macs = 0
        self.convolutions = []  # name, Convolution

    # --- graph ------------------------------------------------------------------------------

    def input(self, name, height, width, mean, scale, side):
        """An image of three channels, fed as (pixel - mean) / scale. side: of the pictures."""
        shape = (1, 3, height, width)
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        pixels = pictures(self.random, PICTURES, side)
        mean, scale = (np.broadcast_to(v, 3).reshape(3, 1, 1) for v in (mean, scale))
        return Tensor(name, shape, (pixels - mean) / scale)

    def output(self, x, name):
        """Make `x` an output of the network, called `name`."""
        node = next(n for n in self.nodes if x.name in n.output)
        node.output[list(node.output).index(x.name)] = name
        self.outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, x.shape))

    def constant(self, name, values, dtype=np.float32):
        self.initialisers[name] = np.asarray(values, dtype)
        return name

    def parameter(self, name, values):
        self.parameters += values.size
        return self.constant(name, values)

    def node(self, kind, name, inputs, shape, values=None, **attributes):
        names = [i.name if isinstance(i, Tensor) else i for i in inputs]
        self.nodes.append(helper.make_node(kind, names, [name], name, **attributes))
        return Tensor(name, tuple(shape), values)

    def model(self):
        initialisers = [numpy_helper.from_array(v, k) for k, v in self.initialisers.items()]
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, initialisers)
        model = helper.make_model(
            graph,
            producer_name="bench/networks",
            ir_version=IR_VERSION,
            opset_imports=[helper.make_opsetid("", OPSET)],
        )
        helper.set_model_props(model, self.metadata)
        onnx.checker.check_model(model, full_check=True)
        return model

    # --- layers with weights ----------------------------------------------------------------

    def conv(self, x, name, filters, kernel, stride=1, pad=None, dilation=1, groups=1, **how):
        """pad: on every side, by default what keeps the size at stride 1. how: see _weights."""
        if pad is None:
            pad = dilation * (kernel // 2)
        c = Convolution(*x.shape[1:], filters, kernel, stride, pad, dilation, groups)
        self.convolutions.append((name, c))
        shape = (filters, c.channels // groups, kernel, kernel)
        weights, values = self._weights(name, shape, lambda w: convolve(x.values, w, c), **how)
        height, width = c.sides(c.height, c.width)
        self.macs += int(np.prod(shape)) * height * width
        return self.node(
            "Conv",
            name,
            [x, *weights],
            (1, filters, height, width),
            values,
            kernel_shape=[kernel] * 2,
            strides=[stride] * 2,
            pads=[pad] * 4,
            dilations=[dilation] * 2,
            group=groups,
        )

    def linear(self, x, name, outputs, **how):
        """A fully connected layer on 1 x C. how: see _weights."""
        shape = (outputs, x.shape[1])
        weights, values = self._weights(name, shape, lambda w: x.values @ w.T, **how)
        self.macs += outputs * x.shape[1]
        return self.node("Gemm", name, [x, *weights], (1, outputs), values, transB=1)

    def _weights(self, name, shape, apply, bias=0.0, std=1.0, anchors=1, share=None):
        """Names of weights and bias, and the outputs. bias: mean of each filter's outputs, None:
        there is no bias. std: of all outputs. anchors: the filters come in so many groups that
        resemble each other, as those that look at the same object in a trained head. share: the
        name under which several layers have the same weights."""
        weight, shift = (f"{share or name}.{kind}" for kind in ("weight", "bias"))
        names = [weight] if bias is None else [weight, shift]
        if weight in self.initialisers:
            y = apply(self.initialisers[weight].astype(np.float64))
        else:
            w = self.random.standard_normal(shape)
            if anchors > 1:
                common = self.random.standard_normal((1, shape[0] // anchors, *shape[1:]))
                w = 0.95 * common.repeat(anchors, 0).reshape(shape) + 0.3 * w
            w /= np.sqrt(np.prod(shape[1:]))
            y = apply(w)
            mean, variance = moments(y)
            factor = std / np.sqrt(rounded(variance.mean()))
            y *= factor
            self.parameter(weight, factor * w)
            if bias is not None:
                self.parameter(shift, bias - factor * mean)
        if bias is not None:
            y += self.initialisers[shift].reshape(-1, *[1] * (y.ndim - 2))
        return names, y

    def shifts(self, n):
        """What to add in front of an activation. Mostly positive: through ReLU and its relatives
        small and large signals then go alike, and no picture ends far outside the range."""
        return self.random.uniform(-1, 2, n)

    def batch_norm(self, x, name, epsilon):
        gamma = self.random.uniform(0.75, 1.25, x.shape[1])
        beta = self.shifts(x.shape[1])
        mean, variance = moments(x.values)
        self.normalised += x.shape[1]
        inputs = [
            x,
            self.constant(name + ".weight", gamma),
            self.constant(name + ".bias", beta),
            self.constant(name + ".running_mean", mean),
            self.constant(name + ".running_var", variance),
        ]
        gamma, beta, mean, variance = (v.reshape(-1, 1, 1) for v in (gamma, beta, mean, variance))
        values = (x.values - mean) / np.sqrt(variance + epsilon) * gamma + beta
        return self.node("BatchNormalization", name, inputs, x.shape, values, epsilon=epsilon)

    def conv_norm(
        self, x, name, filters, kernel, stride=1, groups=1, activation=None, epsilon=1e-5
    ):
        """Convolution, BatchNormalization, activation (the name of a method below)."""
        y = self.conv(x, name, filters, kernel, stride, groups=groups, bias=None)
        y = self.batch_norm(y, name + ".norm", epsilon)
        return getattr(self, activation)(y, name) if activation else y

    # --- layers without ---------------------------------------------------------------------

    def relu(self, x, name):
        return self.node("Relu", name + ".relu", [x], x.shape, np.maximum(x.values, 0))

    def relu6(self, x, name):
        bounds = [self.constant("zero", 0), self.constant("six", 6)]
        return self.node("Clip", name + ".relu6", [x, *bounds], x.shape, np.clip(x.values, 0, 6))

    def sigmoid(self, x, name):
        values = None if x.values is None else 1 / (1 + np.exp(-x.values))
        return self.node("Sigmoid", name + ".sigmoid", [x], x.shape, values)

    def silu(self, x, name):
        gate = self.sigmoid(x, name)
        return self.node("Mul", name + ".silu", [x, gate], x.shape, x.values * gate.values)

    def add(self, x, y, name):
        return self.node("Add", name, [x, y], x.shape, x.values + y.values)

    def max_pool(self, x, name, kernel, stride, pad=0, ceil_mode=0):
        beyond = (stride - 1) * ceil_mode

        def sides(height, width):
            return [(side + 2 * pad - kernel + beyond) // stride + 1 for side in (height, width)]

        height, width = sides(*x.values.shape[2:])
        ends = (pad, pad + beyond)
        padded = np.pad(x.values, ((0, 0), (0, 0), ends, ends), constant_values=-np.inf)
        windows = [
            padded[:, :, row::stride, column::stride][:, :, :height, :width]
            for row in range(kernel)
            for column in range(kernel)
        ]
        return self.node(
            "MaxPool",
            name,
            [x],
            (*x.shape[:2], *sides(*x.shape[2:])),
            np.max(windows, axis=0),
            kernel_shape=[kernel] * 2,
            strides=[stride] * 2,
            pads=[pad] * 4,
            ceil_mode=ceil_mode,
        )

    def global_average_pool(self, x, name):
        """To 1 x C."""
        values = x.values.mean((2, 3))
        x = self.node("GlobalAveragePool", name, [x], (*x.shape[:2], 1, 1))
        return self.node("Flatten", name + ".flat", [x], x.shape[:2], values, axis=1)

    def upsample(self, x, name):
        """Twice as large, nearest neighbour."""
        n, channels, height, width = x.shape
        return self.node(
            "Resize",
            name,
            [x, "", self.constant("twice", [1, 1, 2, 2])],
            (n, channels, 2 * height, 2 * width),
            x.values.repeat(2, 2).repeat(2, 3),
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        )

    # --- elements moved ---------------------------------------------------------------------

    def concat(self, xs, name, axis=1):
        shape = list(xs[0].shape)
        shape[axis] = sum(x.shape[axis] for x in xs)
        known = all(x.values is not None for x in xs)
        values = np.concatenate([x.values for x in xs], axis) if known else None
        return self.node("Concat", name, xs, shape, values, axis=axis)

    def split(self, x, name, sizes):
        """Along the channels."""
        names = [f"{name}.{i}" for i in range(len(sizes))]
        lengths = self.constant(name + ".sizes", sizes, np.int64)
        self.nodes.append(helper.make_node("Split", [x.name, lengths], names, name, axis=1))
        shapes = [(x.shape[0], size, *x.shape[2:]) for size in sizes]
        parts = [None] * len(sizes)
        if x.values is not None:
            parts = np.split(x.values, np.cumsum(sizes)[:-1], 1)
        return [Tensor(*part) for part in zip(names, shapes, parts)]

    def every_second(self, x, name, axis, first):
        """Slice [first::2] of an axis."""
        shape = list(x.shape)
        shape[axis] = (shape[axis] - first + 1) // 2
        numbers = (first, np.iinfo(np.int64).max, axis, 2)
        numbers = [self.constant(f"number.{v}", [v], np.int64) for v in numbers]
        values = np.moveaxis(np.moveaxis(x.values, axis, 0)[first::2], 0, axis)
        return self.node("Slice", name, [x, *numbers], shape, values)

    def reshape(self, x, name, shape):
        target = self.constant(name + ".shape", shape, np.int64)
        return self.node("Reshape", name, [x, target], shape)

    def transpose(self, x, name, order):
        return self.node("Transpose", name, [x], [x.shape[i] for i in order], perm=order)

    def rows(self, x, name, columns):
        """1 x A*columns x H x W to 1 x H*W*A x columns: a row for each anchor of each cell."""
        _, channels, height, width = x.shape
        anchors = channels // columns
        x = self.transpose(x, name + ".channels_last", [0, 2, 3, 1])
        return self.reshape(x, name + ".rows", (1, height * width * anchors, columns))

    def softmax(self, x, name, axis):
        return self.node("Softmax", name, [x], x.shape, axis=axis)
