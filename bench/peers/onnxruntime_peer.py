"""ONNX Runtime on its CPU provider."""

import onnx
import onnxruntime

VERSION = onnxruntime.__version__


def load(model, threads, device):
    """Weights that are also inputs would keep the session from folding them: inputs they are no more."""
    file = onnx.load(model.path)
    weights = {i.name for i in file.graph.initializer}
    inputs = [i for i in file.graph.input if i.name not in weights]
    del file.graph.input[:]
    file.graph.input.extend(inputs)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        file.SerializeToString(), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda x: session.run(None, {name: x})
