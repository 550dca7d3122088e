# Sourced by host/demo.sh and tests/run.sh, in the project's root: installs what is missing and builds.

say() {
    printf '== %s\n' "$*" >&2
}

# The packages of the list that are not installed.
missing_packages() {
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || echo "$package"
    done
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
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
    say "installing $*"
    as_root apt-get update -qq || say "apt-get update failed; trying with the lists at hand"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" \
        >/dev/null || say "could not install all of them; going on with what is there"
}

# Packages that may be absent on some releases are installed one by one, and their absence is no error.
install_optional() {
    # shellcheck disable=SC2046
    for package in $(missing_packages "$@"); do
        install_packages "$package"
    done
}

build_packages="gcc cmake make pkg-config ocl-icd-opencl-dev opencl-headers pocl-opencl-icd libclblast-dev
libprotobuf-c-dev protobuf-c-compiler libturbojpeg0-dev libpng-dev libjansson-dev"
test_packages="libcmocka-dev"
optional_test_packages="mesa-opencl-icd oclgrind libonnx-testdata"

# Configure and build in the folder $1 with further CMake options.
build_in() {
    folder=$1
    shift
    say "building in $folder"
    cmake -S . -B "$folder" "$@" >"$folder.log" 2>&1 || {
        cat "$folder.log" >&2
        return 1
    }
    cmake --build "$folder" --parallel "$(nproc)"
}
