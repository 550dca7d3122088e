"""OpenCV's dnn module on its OpenCL target, on the very device that detcl uses."""

import cv2

import opencv_peer

VERSION = cv2.__version__


def load(model, threads, device):
    cv2.ocl.setUseOpenCL(True)
    if cv2.ocl.Device.getDefault().name() != device["name"]:
        raise RuntimeError("OpenCV's OpenCL device is '%s'" % cv2.ocl.Device.getDefault().name())
    # The newer of its engines knows the CPU only.
    return opencv_peer.load(model, threads, device, cv2.dnn.ENGINE_CLASSIC, cv2.dnn.DNN_TARGET_OPENCL)
