# Sourced by host/demo.sh and tests/run.sh, in the project's root: installs what is missing and builds.
# shellcheck shell=sh

say() {
    printf '== %s\n' "$*" >&2
}

# The packages of the list that are not installed. "a|b" is either: releases differ in their names.
missing_packages() {
    for choice in "$@"; do
        found=
        for package in $(echo "$choice" | tr '|' ' '); do
            if dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed'; then
                found=$package
            fi
        done
        [ -n "$found" ] || echo "$choice"
    done
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        say "not root, and no sudo here"
        return 1
    fi
}

apt_install() {
    # apt's own progress where somebody watches, silence in a log.
    if [ -t 2 ]; then
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >&2
    else
        as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1
    fi
}

# Of "a|b" the name that this release knows.
known_names() {
    for choice in "$@"; do
        name=${choice%%|*}
        for package in $(echo "$choice" | tr '|' ' '); do
            if apt-cache show "$package" >/dev/null 2>&1; then
                name=$package
                break
            fi
        done
        echo "$name"
    done
}

# Install what is missing of the packages named. Without apt, or without a way to install, go on: the
# build says what it lacks.
install_packages() {
    command -v apt-get >/dev/null 2>&1 || {
        say "no apt-get here: taking the packages to be installed already"
        return 0
    }
    # shellcheck disable=SC2046
    set -- $(missing_packages "$@")
    [ $# -gt 0 ] || return 0
    if [ -z "${apt_updated:-}" ]; then
        say "updating apt's lists"
        as_root apt-get update -qq >/dev/null 2>&1 || say "no new lists; trying with those at hand"
        apt_updated=yes
    fi
    # shellcheck disable=SC2046
    set -- $(known_names "$@")
    say "installing $*"
    apt_install "$@" || say "could not install all of them; going on with what is there"
}

# Packages whose absence is no error, one by one: what they serve is skipped and counted.
install_optional() {
    # shellcheck disable=SC2046
    for package in $(missing_packages "$@"); do
        install_packages "$package"
    done
}

# shellcheck disable=SC2034
build_packages="gcc|clang libc6-dev cmake make pkg-config|pkgconf ocl-icd-opencl-dev opencl-headers
pocl-opencl-icd libclblast-dev libprotobuf-c-dev protobuf-c-compiler libturbojpeg0-dev|libturbojpeg-dev
libpng-dev libjansson-dev"

# Configure and build in the folder $1 with further CMake options.
build_in() {
    folder=$1
    shift
    mkdir -p "$folder"
    say "building in $folder"
    cmake -S . -B "$folder" "$@" >"$folder/configure.log" 2>&1 || {
        cat "$folder/configure.log" >&2
        return 1
    }
    cmake --build "$folder" --parallel "$(nproc)" >&2
}
