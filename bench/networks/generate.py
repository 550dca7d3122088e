#!/usr/bin/env python3
"""Whole detectors with random weights, as ONNX files.

    python3 bench/networks/generate.py --list
    python3 bench/networks/generate.py --check              # counts next to published ones
    python3 bench/networks/generate.py --out DIR [NAME...]  # all without a name

Needs the packages of requirements.txt. The same bytes each time. NAME.detcl.json beside NAME.onnx
says how detcl feeds and reads the network where the file alone does not tell.
"""

import argparse
import json
import os
import sys

import mobilenetv2_ssd
import resnet50
import retinanet_r50_fpn
import ssd_vgg16
import yolov8n
import yolox_nano

NETWORKS = {
    module.__name__: module
    for module in (resnet50, ssd_vgg16, mobilenetv2_ssd, yolov8n, yolox_nano, retinanet_r50_fpn)
}

# Published figures are rounded, and some count more than convolutions and products.
PARAMETERS_WITHIN = 0.005
MACS_WITHIN = 0.04


def check():
    """Print counts next to the published ones; false when one is not within its bounds."""
    print(f"{'':18} {'parameters':>11} {'published':>11} {'GMAC':>9} {'published':>9}")
    good = True
    for name, module in NETWORKS.items():
        net, published = module.build(), module.PUBLISHED
        parameters = net.parameters + published.norms * net.normalised
        good &= abs(parameters / published.parameters - 1) <= PARAMETERS_WITHIN
        good &= abs(net.macs / published.macs - 1) <= MACS_WITHIN
        print(
            f"{name:18} {parameters:11,d} {int(published.parameters):11,d} "
            f"{net.macs / 1e9:9.3f} {published.macs / 1e9:9.3f}"
        )
    return good


def write(folder, name):
    module = NETWORKS[name]
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, name + ".onnx")
    with open(path, "wb") as file:
        file.write(module.build().model().SerializeToString(deterministic=True))
    print(path)
    if hasattr(module, "sidecar"):
        path = os.path.join(folder, name + ".detcl.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(module.sidecar(), file)
        print(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--out", metavar="DIR", help="write the files there")
    action.add_argument("--list", action="store_true", help="print the names")
    action.add_argument("--check", action="store_true", help="compare with published figures")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in NETWORKS]
    if unknown:
        parser.error(f"no network {unknown[0]}; there are {', '.join(NETWORKS)}")
    if arguments.list:
        print("\n".join(NETWORKS))
    elif arguments.check:
        sys.exit(0 if check() else 1)
    else:
        for name in arguments.names or NETWORKS:
            write(arguments.out, name)


if __name__ == "__main__":
    main()
