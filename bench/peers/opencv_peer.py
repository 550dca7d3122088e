"""OpenCV's dnn module on the CPU."""

import cv2

VERSION = cv2.__version__


def load(model, threads, device, engine=cv2.dnn.ENGINE_AUTO, target=cv2.dnn.DNN_TARGET_CPU):
    cv2.setNumThreads(threads)
    net = cv2.dnn.readNetFromONNX(model.path, engine=engine)
    net.setPreferableBackend(cv2.dnn.DNN_BACKEND_OPENCV)
    net.setPreferableTarget(target)

    def run(x):
        net.setInput(x)
        return net.forward(model.outputs)

    return run
