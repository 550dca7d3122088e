#!/bin/sh
# Installs what is missing, builds, runs every test: sh tests/run.sh
set -eu
cd "$(dirname "$0")/.."
. host/setup.sh

# shellcheck disable=SC2086
install_packages $build_packages $test_packages
# shellcheck disable=SC2086
install_optional $optional_test_packages
build_in build -DDETCL_TESTS=ON

say "unit tests, checks on the CPU device and on OpenCL"
ctest --test-dir build --output-on-failure
