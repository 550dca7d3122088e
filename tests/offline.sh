#!/bin/sh
# Compiles every program that the checks use, kernels for GPUs, for NVIDIA (clang to PTX, then ptxas)
# and AMD (clang to amdgcn), and prints registers and spills. No GPU is needed; what is not there is
# skipped and counted. sh tests/offline.sh [BUILD]
set -eu
cd "$(dirname "$0")/.."
. host/setup.sh

# The text that a driver gets: common.cl and the stem's file, headers from kernels/.
# to_assembly OUT STEM OPTIONS LIBRARY TARGET...
to_assembly() {
    out=$1 stem=$2 options=$3 library=$4
    shift 4
    [ ! -f "$library" ] || set -- "$@" -Xclang -mlink-builtin-bitcode -Xclang "$library"
    # shellcheck disable=SC2086
    cat kernels/common.cl "kernels/$stem.cl" | "$CLANG" -x cl -cl-std=CL1.2 -O3 -Ikernels \
        -Xclang -finclude-default-header -Wno-everything -DBLOCK=4 $options "$@" -S -o "$out" - >"$out.log" 2>&1
}

nvidia_target="-target nvptx64-unknown-nvidiacl -Xclang -target-cpu -Xclang sm_75"
# AMD's driver inlines everything too.
amd_target="-target amdgcn-unknown-amdhsa -mcpu=gfx900 -nogpulib -mllvm -amdgpu-early-inline-all=true"
amd_target="$amd_target -mllvm -amdgpu-function-calls=false"
nvidia_library=/usr/lib/clc/nvptx64--nvidiacl.bc
amd_library=/usr/lib/clc/amdgcn--amdhsa.bc

fail() {
    echo "FAILED $1"
    head -n 10 "$2"
}

# Assemble a.ptx where ptxas is there, and tell registers and spills of each kernel.
assemble() {
    command -v ptxas >/dev/null 2>&1 || return 0
    # Without the library, calls to built-in functions stay open.
    open=
    [ -f "$nvidia_library" ] || open=-c
    ptxas -v $open -arch=sm_75 -o "$1.cubin" "$1" >"$1.log" 2>&1 || return 1
    awk '/Compiling entry function/ { split($0, q, "\x27"); kernel = q[2] }
         /spill stores/ { spill = $5 + $9 }
         /Used [0-9]+ registers/ && kernel { split($0, u, "Used "); print "  nvidia " kernel ": " \
             u[2] + 0 " registers, " spill + 0 " bytes spilled"; kernel = "" }' "$1.log"
}

# One program, given as "STEM<tab>OPTIONS".
one() {
    stem=${1%%	*} options=${1#*	} work=$2
    base=$work/$(echo "$1" | cksum | tr ' ' '-')
    echo "program $stem $options"
    # shellcheck disable=SC2086
    if ! to_assembly "$base.ptx" "$stem" "$options" "$nvidia_library" $nvidia_target; then
        fail "clang for NVIDIA" "$base.ptx.log"
    elif ! assemble "$base.ptx"; then
        fail "ptxas" "$base.ptx.log"
    fi
    # shellcheck disable=SC2086
    if ! to_assembly "$base.s" "$stem" "$options" "$amd_library" $amd_target; then
        fail "clang for AMD" "$base.s.log"
    else
        awk '/; -- Begin function/ { kernel = "" }
             /\.amdhsa_kernel / { kernel = $NF }
             /; NumVgprs:/ { v = $3 }
             /; ScratchSize:/ && kernel { print "  amd " kernel ": " v " vector registers, " $3 " bytes spilled" }' \
            "$base.s"
    fi
}

if [ "${1:-}" = --one ]; then
    one "$3" "$2" >"$2/$(echo "$3" | cksum | tr ' ' '-').report"
    exit 0
fi

finish_skipped() {
    say "SKIPPED: offline compilation ($1)"
    echo "offline: 0 programs, 0 failed, 1 skipped"
    exit 0
}

build=${1:-build}
work=$build/offline
rm -rf "$work"
mkdir -p "$work"
PATH=$PATH:/usr/local/cuda/bin

# The bitcode library is read by the clang of its own version; without one, built-ins stay calls.
echo 'kernel void k(global float *x) { x[0] = sin(x[0]); }' >"$work/probe.cl"
CLANG=
for name in clang-19 clang-18 clang-17 clang-16 clang-15 clang-14 clang; do
    command -v "$name" >/dev/null 2>&1 || continue
    CLANG=${CLANG:-$name}
    # shellcheck disable=SC2086
    if [ -f $nvidia_library ] && "$name" -x cl -Xclang -finclude-default-header $nvidia_target -Xclang \
        -mlink-builtin-bitcode -Xclang $nvidia_library -S -o "$work/probe.ptx" "$work/probe.cl" \
        >"$work/probe.log" 2>&1; then
        CLANG=$name
        break
    fi
done
[ -n "$CLANG" ] || finish_skipped "no clang"
export CLANG PATH
command -v ptxas >/dev/null 2>&1 || say "SKIPPED: assembly for NVIDIA (no ptxas)"

say "asking the checks which programs there are"
DETCL_CACHE_DIR=$PWD/$build/programs DETCL_PROFILE=gpu "$build/detcl" check --device opencl --list --small \
    >"$work/programs.txt" 2>"$work/check.log" || finish_skipped "the checks did not pass; see $work/check.log"
[ -s "$work/programs.txt" ] || finish_skipped "no OpenCL device to list the programs"

say "compiling $(wc -l <"$work/programs.txt") programs for NVIDIA and AMD with $CLANG"
xargs -P "$(nproc)" -d '\n' -n 1 sh tests/offline.sh --one "$work" <"$work/programs.txt"
cat "$work"/*.report >"$work/report.txt"
grep -B1 -E 'FAILED| [1-9][0-9]* bytes spilled' "$work/report.txt" || true
failed=$(grep -c '^FAILED' "$work/report.txt" || true)
spilled=$(grep -cE ' [1-9][0-9]* bytes spilled' "$work/report.txt" || true)
say "registers and spills of each kernel: $work/report.txt"
echo "offline: $(grep -c '^program' "$work/report.txt") programs, $failed failed, $spilled kernels that spill"
[ "$failed" -eq 0 ]
