"""OpenVINO on its CPU device, for the latency of one request, in float32."""

import openvino

VERSION = openvino.__version__.split("-")[0]


def load(model, threads, device):
    core = openvino.Core()
    network = core.read_model(model.path)
    network.reshape(list(model.shape))
    compiled = core.compile_model(network, "CPU", {
        "INFERENCE_NUM_THREADS": threads,
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": "f32",
    })
    request = compiled.create_infer_request()

    def run(x):
        request.infer([x], share_inputs=True, share_outputs=True)
        return [request.get_output_tensor(i).data for i in range(len(compiled.outputs))]

    return run
