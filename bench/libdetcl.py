"""The C library from Python, through its public headers, for the benchmarks beside this file."""

import ctypes
import sys

import numpy as np

DTYPES = {"float32": 0, "int32": 1, "int64": 2, "uint8": 3, "bool": 4}


class Desc(ctypes.Structure):
    _fields_ = [("dtype", ctypes.c_int), ("rank", ctypes.c_int), ("dims", ctypes.c_int64 * 8)]


def describe(shape, dtype):
    return Desc(DTYPES[dtype], len(shape), (ctypes.c_int64 * 8)(*shape))


class Operand(ctypes.Structure):
    _fields_ = [("desc", Desc), ("constant", ctypes.c_void_p), ("absent", ctypes.c_int)]


class Stats(ctypes.Structure):
    _fields_ = [("nodes", ctypes.c_int), ("launches", ctypes.c_int), ("programs", ctypes.c_int),
                ("device_bytes", ctypes.c_size_t)]


class ContextParams(ctypes.Structure):
    _fields_ = [("device", ctypes.c_char_p), ("log", ctypes.c_void_p), ("log_user", ctypes.c_void_p),
                ("log_level", ctypes.c_int), ("progress", ctypes.c_void_p),
                ("progress_user", ctypes.c_void_p)]


class NmsParams(ctypes.Structure):
    _fields_ = [("iou_threshold", ctypes.c_float), ("score_threshold", ctypes.c_float),
                ("boundary", ctypes.c_int), ("class_agnostic", ctypes.c_int), ("max_per_class", ctypes.c_int64),
                ("max_output", ctypes.c_int64)]


class RoiAlignParams(ctypes.Structure):
    _fields_ = [("output_height", ctypes.c_int64), ("output_width", ctypes.c_int64),
                ("sampling_ratio", ctypes.c_int64), ("spatial_scale", ctypes.c_float),
                ("aligned", ctypes.c_int), ("mode", ctypes.c_int)]


class DeformParams(ctypes.Structure):
    _fields_ = [("stride", ctypes.c_int64 * 2), ("padding", ctypes.c_int64 * 2),
                ("dilation", ctypes.c_int64 * 2), ("groups", ctypes.c_int64),
                ("offset_groups", ctypes.c_int64)]


class DecodeBoxesParams(ctypes.Structure):
    _fields_ = [("coding", ctypes.c_int), ("activation", ctypes.c_int), ("yx", ctypes.c_int),
                ("normalized", ctypes.c_int), ("height", ctypes.c_int64), ("width", ctypes.c_int64),
                ("objectness", ctypes.c_int), ("channels_first", ctypes.c_int)]


class DecodeSsdParams(ctypes.Structure):
    _fields_ = [("height", ctypes.c_int64), ("width", ctypes.c_int64),
                ("center_variance", ctypes.c_float), ("size_variance", ctypes.c_float),
                ("activation", ctypes.c_int), ("pixels", ctypes.c_int), ("corners", ctypes.c_int),
                ("yx", ctypes.c_int), ("clip", ctypes.c_float)]


class Detcl:
    """The C library through its public headers."""

    def __init__(self, path, device):
        self.lib = ctypes.CDLL(path)
        self.lib.detcl_context_error.restype = ctypes.c_char_p
        self.lib.detcl_context_error.argtypes = [ctypes.c_void_p]
        self.ctx = ctypes.c_void_p()
        params = ContextParams(device=device.encode())
        if self.lib.detcl_context_create(ctypes.byref(params), ctypes.byref(self.ctx), None):
            sys.exit("libdetcl: no device '%s'" % device)

    def check(self, status):
        if status:
            sys.exit("libdetcl: " + self.lib.detcl_context_error(self.ctx).decode())

    def tensor(self, array=None, shape=None, dtype="float32"):
        if array is not None:
            array = np.ascontiguousarray(array)
            shape, dtype = array.shape, str(array.dtype)
        desc = describe(shape, dtype)
        made = ctypes.c_void_p()
        self.check(self.lib.detcl_tensor_create(self.ctx, ctypes.byref(desc), ctypes.byref(made)))
        if array is not None:
            data = array.ctypes.data_as(ctypes.c_void_p)
            self.check(self.lib.detcl_tensor_write(made, data, ctypes.c_size_t(array.nbytes)))
        return made

    def read(self, tensor, shape, dtype):
        out = np.empty(shape, dtype)
        self.check(self.lib.detcl_tensor_read(tensor, out.ctypes.data_as(ctypes.c_void_p),
                                              ctypes.c_size_t(out.nbytes)))
        return out

    def call(self, name, *args):
        self.check(getattr(self.lib, name)(self.ctx, *args, None))

    def destroy(self, tensor):
        self.lib.detcl_tensor_destroy(ctypes.byref(tensor))

    def finish(self):
        self.check(self.lib.detcl_context_finish(self.ctx))

    def stats(self, op, attributes, shapes):
        """Launches and device bytes of one operation; shapes are (dtype, extents)."""
        operands = (Operand * len(shapes))(*[Operand(describe(s, d)) for d, s in shapes])
        graph, stats = ctypes.c_void_p(), Stats()
        self.check(self.lib.detcl_op_create(self.ctx, op.encode(), attributes.encode(), operands,
                                            len(shapes), 2, ctypes.byref(graph)))
        self.check(self.lib.detcl_graph_stats(graph, ctypes.byref(stats)))
        self.lib.detcl_graph_destroy(ctypes.byref(graph))
        return stats
