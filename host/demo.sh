#!/bin/sh
# Installs what is missing, builds, and finds the codes and markers of the bundled picture:
# sh host/demo.sh
set -eu
cd "$(dirname "$0")/.."
. host/setup.sh

# shellcheck disable=SC2086
install_packages $build_packages
build_in build -DDETCL_TESTS=OFF

mkdir -p out
say "finding codes and markers in host/models/markers/demo.jpg"
build/detcl detect --class-agnostic --out out/demo.png host/models/markers/demo.jpg
say "the boxes are drawn in $PWD/out/demo.png"
