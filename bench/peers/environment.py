"""Where each peer comes from: packages of the registries in build/peers, Debian's packages, what cc builds."""

import ctypes.util
import json
import os
import subprocess
import sys
import venv

from cases import ROOT

HOME = os.path.join(ROOT, "build", "peers")
PYTHON = os.path.join(HOME, "bin", "python3")
HERE = os.path.dirname(os.path.abspath(__file__))
# What every worker needs: pictures and their preparation, ONNX files.
COMMON = ["numpy", "onnx", "opencv-python-headless"]


class Absent(Exception):
    """Why a peer cannot be had."""


def installed():
    """Names of the packages of the environment, which is made where it is not there."""
    if not os.path.exists(PYTHON):
        print("making", HOME, file=sys.stderr)
        try:
            venv.create(HOME, with_pip=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise Absent("no environment in %s: %s" % (HOME, error)) from None
    listing = subprocess.run(
        [PYTHON, "-m", "pip", "list", "--format", "json", "--disable-pip-version-check"],
        check=True, stdout=subprocess.PIPE)
    return {p["name"].lower().replace("_", "-") for p in json.loads(listing.stdout)}


def need_packages(names, alone=()):
    """Install what is missing; `alone` are taken without what they ask for, which is not used here."""
    there = installed()
    for options, wanted in (([], names), (["--no-deps"], alone)):
        missing = [n for n in wanted if n not in there]
        if not missing:
            continue
        print("installing", " ".join(missing), file=sys.stderr)
        command = [PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", *options, *missing]
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if result.returncode:
            lines = [line for line in result.stdout.splitlines() if line.strip()]
            raise Absent("pip install %s: %s" % (" ".join(missing), lines[-1] if lines else "failed"))


def need_library(name, package):
    if not ctypes.util.find_library(name):
        raise Absent("no lib%s: apt install %s" % (name, package))


def built(source, *libraries):
    """The shared library of a C file beside this one."""
    path = os.path.join(HOME, os.path.splitext(source)[0] + ".so")
    source = os.path.join(HERE, source)
    if os.path.exists(path) and os.path.getmtime(path) > os.path.getmtime(source):
        return path
    command = ["cc", "-std=c11", "-O2", "-shared", "-fPIC", "-o", path, source]
    try:
        subprocess.run([*command, *("-l" + name for name in libraries)], check=True,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        lines = (getattr(error, "stderr", "") or str(error)).strip().splitlines()
        cause = next((line for line in lines if "error" in line), lines[0])
        raise Absent("cc %s: %s" % (os.path.basename(source), cause)) from None
    return path


def need_debian_torch():
    python = "/usr/bin/python3"
    test = [python, "-c", "import numpy, torch, torchvision"]
    if not os.path.exists(python) or subprocess.run(test, stderr=subprocess.DEVNULL).returncode:
        raise Absent("%s has no torch and torchvision: apt install python3-torchvision" % python)
    return python


def any_python():
    """An interpreter that can at least say what detcl's device is."""
    try:
        need_packages(COMMON)
        return PYTHON
    except Absent as reason:
        try:
            return need_debian_torch()
        except Absent:
            raise reason from None


def prepare(peer, device):
    """The interpreter to run a peer's worker with; Absent where the peer cannot be had."""
    if peer in ("clblast", "opencv-opencl") and not device["id"].startswith("opencl:"):
        raise Absent("detcl does not run on an OpenCL device (--device)")
    if peer == "torchvision":
        return need_debian_torch()
    need_packages(COMMON)
    if peer in ("onnxruntime", "openvino"):
        need_packages([peer])
    elif peer == "ncnn":
        need_packages([], ["ncnn", "pnnx"])
    elif peer == "onednn":
        need_library("dnnl", "libdnnl-dev")
        built("onednn.c", "dnnl")
    elif peer == "clblast":
        need_library("clblast", "libclblast1")
    return PYTHON


def variables(threads, device=None):
    """The environment of a worker: as many threads everywhere, OpenCV on the same OpenCL device."""
    count = str(threads)
    mine = {"POCL_MAX_PTHREAD_COUNT": count, "OMP_NUM_THREADS": count, "OPENBLAS_NUM_THREADS": count,
            "MKL_NUM_THREADS": count, "PYTHONUNBUFFERED": "1",
            # OpenCV's OpenCL target otherwise takes Intel's GPUs only.
            "OPENCV_DNN_OPENCL_ALLOW_ALL_DEVICES": "1"}
    if device:
        mine["OPENCV_OPENCL_DEVICE"] = "%s:%s:%s" % (
            device["platform"], device["type"].upper(), device["name"])
    return {**os.environ, **mine}
