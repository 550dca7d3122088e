#!/bin/sh
# Installs the build folder $1 into a prefix of its own and builds and runs three programs against it,
# as a user of CMake, of pkg-config and of a copy of the sources would; then looks at the symbols.
set -eu
build=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
work=$build/consumers
prefix=$work/prefix
rm -rf "$prefix"
mkdir -p "$work"
cmake --install "$build" --prefix "$prefix" >"$work/install.log"
library=$(find "$prefix" -name libdetcl.so)
PKG_CONFIG_PATH=$(dirname "$library")/pkgconfig
export PKG_CONFIG_PATH

run() {
    "$1"
    echo "ok $2"
}

mkdir -p "$work/pkg_config"
rm -f "$work"/pkg_config/*
make -s -C "$here/pkg_config" OUT="$work/pkg_config"
run "$work/pkg_config/shared" "pkg-config, shared"
run "$work/pkg_config/static" "pkg-config, static"

build_with_cmake() {
    name=$1
    shift
    { cmake -S "$here/$name" -B "$work/$name" "$@" && cmake --build "$work/$name" --parallel 2; } \
        >"$work/$name.log" 2>&1 || {
        cat "$work/$name.log"
        exit 1
    }
    run "$work/$name/shared" "$name, shared"
    run "$work/$name/static" "$name, static"
}
build_with_cmake find_package -DCMAKE_PREFIX_PATH="$prefix"
opencl=$(sed -n 's/^DETCL_OPENCL:BOOL=//p' "$build/CMakeCache.txt")
build_with_cmake add_subdirectory -DDETCL_OPENCL="$opencl" -DCMAKE_BUILD_TYPE=Debug

# What the top README shows as C is C.
{
    echo '#include "detcl/detcl.h"'
    echo 'int fail(const char *text);'
    echo 'void use(int class_id, float score, const float *box);'
    echo 'int shown(const unsigned char *rgb, struct detcl_tensor *in, struct detcl_tensor *out);'
    echo 'int shown(const unsigned char *rgb, struct detcl_tensor *in, struct detcl_tensor *out)'
    echo '{'
    awk '/^```c$/ { on = 1; next } /^```/ { on = 0 } on && !/^#include/' "$here/../../README.md"
    echo 'return 0; }'
} >"$work/readme.c"
cc -std=c11 -Wall -Wextra -Werror -fsyntax-only -I"$prefix/include" "$work/readme.c"
echo "ok README"

foreign=$(nm -D --defined-only "$library" | awk '{ print $3 }' | grep -v '^detcl_' || true)
if [ -n "$foreign" ]; then
    echo "libdetcl.so exports what is not its interface:" "$foreign"
    exit 1
fi
echo "ok only detcl_* is exported"
readelf -d "$library" | grep -q 'SONAME.*libdetcl\.so\.[0-9]' || {
    echo "libdetcl.so has no versioned soname"
    exit 1
}
echo "ok versioned soname"
