#!/bin/sh
# Unit tests and checks under AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer, on the CPU
# device and on PoCL.
set -eu
cd "$(dirname "$0")/.."
. host/setup.sh
build_in build-sanitize -DDETCL_SANITIZE=ON -DCMAKE_BUILD_TYPE=RelWithDebInfo

# tests/lsan.txt names the drivers that leak; their own frames must be in the traces.
LSAN_OPTIONS=suppressions=$PWD/tests/lsan.txt:print_suppressions=0:fast_unwind_on_malloc=0
ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1
UBSAN_OPTIONS=print_stacktrace=1
export LSAN_OPTIONS ASAN_OPTIONS UBSAN_OPTIONS
# PoCL compiles inside of the sanitized process, slowly, and chains anew for each network: only where they are tested.
chains='^test_(chain|graph|faults)$'
DETCL_CHAIN=0 ctest --test-dir build-sanitize --output-on-failure -E "$chains"
ctest --test-dir build-sanitize --output-on-failure -R "$chains"
