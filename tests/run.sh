#!/bin/sh
# Installs what is missing, builds, runs every test on every OpenCL implementation at hand:
# sh tests/run.sh
set -eu
cd "$(dirname "$0")/.."
. host/setup.sh

# shellcheck disable=SC2086
install_packages $build_packages
install_optional libcmocka-dev g++ mesa-opencl-icd oclgrind libonnx-testdata
build_in build -DDETCL_TESTS=ON

passed=0 failed=0 skipped=0
DETCL_CACHE_DIR=$PWD/build/programs DETCL_TUNING_DIR=$PWD/build/tuning
export DETCL_CACHE_DIR DETCL_TUNING_DIR

# step NAME COMMAND...: run it and count it.
step() {
    name=$1
    shift
    say "$name"
    if "$@"; then
        passed=$((passed + 1))
    else
        say "FAILED: $name"
        failed=$((failed + 1))
    fi
}

skip() {
    say "SKIPPED: $*"
    skipped=$((skipped + 1))
}

# Tests of the tests that had nothing to run on; each says why in build/Testing/Temporary/LastTest.log.
count_inner_skips() {
    sed -n 's/.*\[  SKIPPED \].* \([0-9][0-9]*\) test(s).*/\1/p' build/Testing/Temporary/LastTest.log |
        awk '{ n += $1 } END { if (n) print "== SKIPPED: " n " unit tests, see build/Testing" }' >&2
}

check() {
    build/detcl check "$@"
}

on_rusticl() {
    RUSTICL_ENABLE=llvmpipe "$@"
}

# Oclgrind interprets unoptimised code: its version of LLVM has instructions that it does not know itself.
# CLBlast corrupts its memory. What it compiles is kept apart. Anything in its log is a failure.
oclgrind_part() {
    DETCL_GEMM=own DETCL_CACHE_DIR=$PWD/build/oclgrind/programs oclgrind --build-options -cl-opt-disable --uninitialized \
        --data-races --log "build/oclgrind/$1.log" \
        build/detcl check --device opencl:oclgrind --limit 1024 --bare --op "$2" 2>"build/oclgrind/$1.err"
}

on_oclgrind() {
    rm -rf build/oclgrind
    mkdir -p build/oclgrind
    bad=0
    oclgrind_part first '[a-g]*' &
    oclgrind_part second '[h-z]*' || bad=1
    wait $! || bad=1
    messages=$(cat build/oclgrind/*.log | grep -c 'Kernel:') || true
    if [ "$bad" -ne 0 ] || [ -s build/oclgrind/first.log ] || [ -s build/oclgrind/second.log ]; then
        say "oclgrind has $messages messages in build/oclgrind"
        head -n 20 build/oclgrind/*.log >&2
        tail -n 20 build/oclgrind/*.err >&2
        return 1
    fi
}

step "unit tests, conformance, checks on the CPU device and PoCL (ctest)" \
    ctest --test-dir build --output-on-failure
count_inner_skips

if build/detcl devices | grep -q 'Portable Computing Language'; then
    step "checks on PoCL, kernels for GPUs" env DETCL_PROFILE=gpu build/detcl check --device opencl:pocl
else
    skip "no PoCL here (package pocl-opencl-icd)"
fi
if on_rusticl build/detcl devices | grep -q rusticl; then
    step "checks on Mesa's rusticl" on_rusticl check --device opencl:rusticl --small
else
    skip "no rusticl here (package mesa-opencl-icd)"
fi
if command -v oclgrind >/dev/null 2>&1; then
    step "checks under Oclgrind: memory, races, uninitialised values" on_oclgrind
else
    skip "no oclgrind here (package oclgrind)"
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
