#!/bin/sh
# The smaller libraries: each is built and tested, and must need no more shared libraries than it says.
set -eu
cd "$(dirname "$0")/.."
. host/setup.sh

# needs_only FOLDER PATTERN: the library's own dependencies all match.
needs_only() {
    needed=$(readelf -d "$1/libdetcl.so" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
    strange=$(echo "$needed" | grep -vxE "$2" || true)
    if [ -n "$strange" ]; then
        say "$1/libdetcl.so should not need" "$strange"
        return 1
    fi
    say "$1/libdetcl.so needs $(echo "$needed" | tr '\n' ' ')"
}

build_in build-ops -DDETCL_OPS_ONLY=ON
needs_only build-ops 'libOpenCL\.so\..*|libclblast\.so\..*|libm\.so\..*|libc\.so\..*'
ctest --test-dir build-ops --output-on-failure -R 'check_cpu|consumers|test_plan'

build_in build-cpu -DDETCL_OPS_ONLY=ON -DDETCL_OPENCL=OFF
needs_only build-cpu 'libm\.so\..*|libc\.so\..*'
ctest --test-dir build-cpu --output-on-failure
