"""CLBlast's convolution (convgemm) and matrix product on detcl's own OpenCL device, through its C interface."""

import ctypes
from ctypes.util import find_library

import numpy as np

blast = ctypes.CDLL(find_library("clblast"))
opencl = ctypes.CDLL(find_library("OpenCL"))
VERSION = None  # the library does not tell
ROW_MAJOR, NO_TRANSPOSE, CROSS_CORRELATION = 101, 111, 151
READ_WRITE, COPY_HOST, DEVICE_NAME = 1 << 0, 1 << 5, 0x102B
ALL_DEVICES = ctypes.c_ulong(0xFFFFFFFF)
sizes = ctypes.c_size_t


def call(code, what):
    if code:
        raise RuntimeError("%s failed with %d" % (what, code))


for function in ("clCreateContext", "clCreateCommandQueue", "clCreateBuffer"):
    getattr(opencl, function).restype = ctypes.c_void_p


def name_of(device):
    text = ctypes.create_string_buffer(1024)
    opencl.clGetDeviceInfo(ctypes.c_void_p(device), DEVICE_NAME, sizes(1024), text, None)
    return text.value.decode()


def find(name):
    """The OpenCL device of that name."""
    count = ctypes.c_uint()
    call(opencl.clGetPlatformIDs(0, None, ctypes.byref(count)), "clGetPlatformIDs")
    platforms = (ctypes.c_void_p * count.value)()
    opencl.clGetPlatformIDs(count, platforms, None)
    for platform in map(ctypes.c_void_p, platforms):
        if opencl.clGetDeviceIDs(platform, ALL_DEVICES, 0, None, ctypes.byref(count)):
            continue  # it has none
        devices = (ctypes.c_void_p * count.value)()
        opencl.clGetDeviceIDs(platform, ALL_DEVICES, count, devices, None)
        for device in devices:
            if name_of(device) == name:
                return ctypes.c_void_p(device)
    raise RuntimeError("no OpenCL device is called '%s'" % name)


class Queue:
    def __init__(self, device):
        chosen = find(device["name"])
        code = ctypes.c_int()
        self.context = ctypes.c_void_p(
            opencl.clCreateContext(None, 1, ctypes.byref(chosen), None, None, ctypes.byref(code)))
        call(code.value, "clCreateContext")
        self.queue = ctypes.c_void_p(
            opencl.clCreateCommandQueue(self.context, chosen, ctypes.c_ulong(0), ctypes.byref(code)))
        call(code.value, "clCreateCommandQueue")

    def buffer(self, array):
        code = ctypes.c_int()
        made = opencl.clCreateBuffer(self.context, ctypes.c_ulong(READ_WRITE | COPY_HOST), sizes(array.nbytes),
                                     ctypes.c_void_p(array.ctypes.data), ctypes.byref(code))
        call(code.value, "clCreateBuffer")
        return ctypes.c_void_p(made)

    def finish(self):
        call(opencl.clFinish(self.queue), "clFinish")

    def read(self, buffer, array):
        call(opencl.clEnqueueReadBuffer(self.queue, buffer, 1, sizes(0), sizes(array.nbytes),
                                        ctypes.c_void_p(array.ctypes.data), 0, None, None),
             "clEnqueueReadBuffer")

    def release(self, buffer):
        opencl.clReleaseMemObject(buffer)


class Operation:
    """One operation with everything in device memory."""

    def __init__(self, model, queue):
        self.queue, self.numbers = queue, model.numbers
        self.product = len(model.numbers) == 3
        if not self.product and model.numbers[9] != 1:
            raise RuntimeError("CLBlast's convolution knows no groups")
        self.y = np.zeros(model.result, np.float32)
        x = np.zeros(model.shape, np.float32)
        self.buffers = [queue.buffer(a) for a in (x, np.ascontiguousarray(model.weights), self.y)]

    def enqueue(self):
        a, b, y = self.buffers
        queue, none = ctypes.byref(self.queue.queue), None
        if self.product:
            m, n, k = self.numbers
            one, zero = ctypes.c_float(1), ctypes.c_float(0)
            call(blast.CLBlastSgemm(ROW_MAJOR, NO_TRANSPOSE, NO_TRANSPOSE, sizes(m), sizes(n), sizes(k), one,
                                    a, sizes(0), sizes(k), b, sizes(0), sizes(n), zero, y, sizes(0), sizes(n),
                                    queue, none), "CLBlastSgemm")
        else:
            c, h, w, k, kh, kw, stride, pad, dilation, _ = self.numbers
            extents = map(sizes, (c, h, w, kh, kw, pad, pad, stride, stride, dilation, dilation, k, 1))
            call(blast.CLBlastSconvgemm(CROSS_CORRELATION, *extents, a, sizes(0), b, sizes(0), y, sizes(0),
                                        queue, none), "CLBlastSconvgemm")

    def __call__(self, x):
        self.enqueue()
        self.queue.finish()

    def answer(self, x):
        self.queue.release(self.buffers[0])
        self.buffers[0] = self.queue.buffer(x)
        self(x)
        self.queue.read(self.buffers[2], self.y)
        return [self.y]

    def __del__(self):
        for buffer in getattr(self, "buffers", []):
            self.queue.release(buffer)


def load(model, threads, device):
    return Operation(model, Queue(device))
