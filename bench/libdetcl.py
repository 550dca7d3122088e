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


class DeviceInfo(ctypes.Structure):
    _fields_ = [("id", ctypes.c_char * 32), ("name", ctypes.c_char * 128), ("platform", ctypes.c_char * 128),
                ("driver", ctypes.c_char * 64), ("version", ctypes.c_char * 64), ("type", ctypes.c_char * 16),
                ("profile", ctypes.c_char * 8), ("channel_block", ctypes.c_int),
                ("compute_units", ctypes.c_int), ("clock_mhz", ctypes.c_int),
                ("global_bytes", ctypes.c_uint64), ("max_alloc_bytes", ctypes.c_uint64),
                ("local_bytes", ctypes.c_uint64), ("max_work_group", ctypes.c_uint64)]


class GraphOptions(ctypes.Structure):
    _fields_ = [("profile", ctypes.c_int)]


class NodeTime(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("op", ctypes.c_char_p), ("ms", ctypes.c_double)]


class Image(ctypes.Structure):
    _fields_ = [("pixels", ctypes.c_void_p), ("width", ctypes.c_int), ("height", ctypes.c_int),
                ("stride", ctypes.c_size_t), ("bgr", ctypes.c_int)]


class DetectorParams(ctypes.Structure):
    _fields_ = [("model", ctypes.c_char_p), ("sidecar", ctypes.c_char_p), ("labels", ctypes.c_char_p),
                ("score", ctypes.c_float), ("iou", ctypes.c_float), ("class_agnostic", ctypes.c_int),
                ("max_detections", ctypes.c_int), ("width", ctypes.c_int), ("height", ctypes.c_int),
                ("channels", ctypes.c_char_p), ("resize", ctypes.c_char_p), ("anchor", ctypes.c_char_p),
                ("mean", ctypes.c_void_p), ("scale", ctypes.c_void_p), ("pad", ctypes.c_int),
                ("head", ctypes.c_char_p), ("profile", ctypes.c_int)]


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

    def device(self):
        """What the device says of itself, as a dictionary."""
        self.lib.detcl_context_device.restype = ctypes.POINTER(DeviceInfo)
        info = self.lib.detcl_context_device(self.ctx).contents
        values = {name: getattr(info, name) for name, _ in DeviceInfo._fields_}
        return {k: v.decode() if isinstance(v, bytes) else v for k, v in values.items()}

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

    def save_programs(self, seconds=float("inf")):
        """Keep what was compiled for the next process."""
        self.lib.detcl_context_save_programs(self.ctx, ctypes.c_double(seconds))

    def stats(self, op, attributes, shapes):
        """Launches and device bytes of one operation; shapes are (dtype, extents)."""
        operands = (Operand * len(shapes))(*[Operand(describe(s, d)) for d, s in shapes])
        graph, stats = ctypes.c_void_p(), Stats()
        self.check(self.lib.detcl_op_create(self.ctx, op.encode(), attributes.encode(), operands,
                                            len(shapes), 2, ctypes.byref(graph)))
        self.check(self.lib.detcl_graph_stats(graph, ctypes.byref(stats)))
        self.lib.detcl_graph_destroy(ctypes.byref(graph))
        return stats


class Graph:
    """A network from an ONNX file, prepared for inputs of these shapes (None: the file's own)."""

    def __init__(self, detcl, path, shapes=None, profile=False):
        self.detcl, self.lib, self.graph = detcl, detcl.lib, ctypes.c_void_p()
        detcl.check(self.lib.detcl_graph_load_onnx(detcl.ctx, path.encode(), ctypes.byref(self.graph)))
        descs = (Desc * len(shapes))(*[describe(s, "float32") for s in shapes]) if shapes else None
        options = GraphOptions(profile=profile)
        detcl.check(self.lib.detcl_graph_prepare(self.graph, descs, ctypes.byref(options)))
        self.outputs = [self._output(i) for i in range(self.lib.detcl_graph_output_count(self.graph))]

    def _output(self, index):
        """Name, and memory to read into, of an output."""
        name, desc = ctypes.c_char_p(), Desc()
        self.detcl.check(self.lib.detcl_graph_output(self.graph, index, ctypes.byref(name), ctypes.byref(desc)))
        dtype = [d for d, number in DTYPES.items() if number == desc.dtype][0]
        return name.value.decode(), np.empty(tuple(desc.dims[: desc.rank]), dtype)

    def write(self, index, array):
        data = array.ctypes.data_as(ctypes.c_void_p)
        self.detcl.check(self.lib.detcl_graph_write_input(self.graph, index, data, ctypes.c_size_t(array.nbytes)))

    def run(self, inputs=None, outputs=None):
        """Enqueue; on the caller's tensors, or on the graph's own memory."""
        lists = [(ctypes.c_void_p * len(t))(*[x.value for x in t]) if t else None for t in (inputs, outputs)]
        self.detcl.check(self.lib.detcl_graph_run(self.graph, *lists, None))

    def read(self):
        """Every output, in memory that the next read overwrites."""
        for i, (_, array) in enumerate(self.outputs):
            data = array.ctypes.data_as(ctypes.c_void_p)
            self.detcl.check(
                self.lib.detcl_graph_read_output(self.graph, i, data, ctypes.c_size_t(array.nbytes)))
        return [array for _, array in self.outputs]

    def profile(self):
        """(name, op, milliseconds) of each node in the last run; needs profile."""
        count = ctypes.c_int()
        self.detcl.check(self.lib.detcl_graph_profile(self.graph, None, 0, ctypes.byref(count)))
        times = (NodeTime * count.value)()
        self.detcl.check(self.lib.detcl_graph_profile(self.graph, times, count, ctypes.byref(count)))
        return [(t.name.decode(), t.op.decode(), t.ms) for t in times]

    def destroy(self):
        self.lib.detcl_graph_destroy(ctypes.byref(self.graph))


class Detector:
    """Image to boxes."""

    FOUND = np.dtype([("box", np.float32, 4), ("score", np.float32), ("class", np.int32)])

    def __init__(self, detcl, model, sidecar=None):
        self.detcl, self.lib, self.detector = detcl, detcl.lib, ctypes.c_void_p()
        params = DetectorParams()
        self.lib.detcl_detector_params_init(ctypes.byref(params))
        params.model, params.sidecar = model.encode(), sidecar and sidecar.encode()
        detcl.check(self.lib.detcl_detector_create(detcl.ctx, ctypes.byref(params), ctypes.byref(self.detector)))

    def detect(self, pixels):
        """Boxes x1, y1, x2, y2, scores and classes of an image with blue first, best score first."""
        image = Image(pixels.ctypes.data, pixels.shape[1], pixels.shape[0], pixels.strides[0], 1)
        self.detcl.check(self.lib.detcl_detector_enqueue(self.detector, ctypes.byref(image)))
        found, count = ctypes.c_void_p(), ctypes.c_int()
        self.detcl.check(
            self.lib.detcl_detector_fetch(self.detector, ctypes.byref(found), ctypes.byref(count)))
        if not count.value:
            return np.empty((0, 4), np.float32), np.empty(0, np.float32), np.empty(0, np.int32)
        rows = np.frombuffer(ctypes.string_at(found, count.value * self.FOUND.itemsize), self.FOUND)
        return rows["box"], rows["score"], rows["class"]

    def destroy(self):
        self.lib.detcl_detector_destroy(ctypes.byref(self.detector))
