"""ncnn on the CPU in float32; pnnx converts the ONNX file."""

import importlib.util
import os
import subprocess

import ncnn
import numpy as np
import onnx

from environment import HOME
from focus import without_focus

VERSION = ncnn.__version__


def converter():
    """The program inside the package; importing the package would ask for torch."""
    package = importlib.util.find_spec("pnnx").submodule_search_locations[0]
    return os.path.join(package, "pnnx")


def convert(model):
    name = os.path.splitext(os.path.basename(model.path))[0]
    folder = os.path.join(HOME, "ncnn", name)
    os.makedirs(folder, exist_ok=True)
    copy = os.path.join(folder, name + ".onnx")
    file = onnx.load(model.path)
    without_focus(file)
    onnx.save(file, copy)
    shape = "inputshape=[%s]" % ",".join(map(str, model.shape))
    result = subprocess.run([converter(), copy, shape, "fp16=0"], cwd=folder, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    stem = os.path.join(folder, name + ".ncnn")
    if result.returncode or not os.path.exists(stem + ".param"):
        raise RuntimeError("pnnx: " + (result.stdout.strip().splitlines() or ["no file written"])[-1])
    return stem


def load(model, threads, device):
    stem = convert(model)
    net = ncnn.Net()
    net.opt.num_threads = threads
    for name in ("use_fp16_packed", "use_fp16_storage", "use_fp16_arithmetic", "use_bf16_packed",
                 "use_bf16_storage", "use_vulkan_compute"):
        setattr(net.opt, name, False)
    if net.load_param(stem + ".param") or net.load_model(stem + ".bin"):
        raise RuntimeError("ncnn does not load what pnnx wrote")

    def run(x):
        with net.create_extractor() as ex:
            ex.input("in0", ncnn.Mat(x[0]))
            found = []
            for i in range(len(model.outputs)):
                code, y = ex.extract("out%d" % i)
                if code:
                    raise RuntimeError("ncnn: extracting output %d failed" % i)
                found.append(np.array(y)[None])
            return found

    return run
