#!/bin/sh
# Static checks of the sources: format, lengths, shell, cppcheck. A tool that is not there is skipped
# and counted.
set -eu
cd "$(dirname "$0")/.."
. host/setup.sh
install_optional clang-format cppcheck shellcheck git

passed=0 failed=0 skipped=0
step() {
    tool=$1 name=$2
    shift 2
    if ! command -v "$tool" >/dev/null 2>&1; then
        say "SKIPPED: $name (no $tool)"
        skipped=$((skipped + 1))
    elif "$@"; then
        passed=$((passed + 1))
    else
        say "FAILED: $name"
        failed=$((failed + 1))
    fi
}

sources() {
    git ls-files -- "$@"
}

# Formatting differs between releases of the tool: the one that the tree is formatted with decides.
format() {
    clang-format --version | grep -q 'version 14\.' || {
        say "SKIPPED: format (clang-format 14 is not here)"
        skipped=$((skipped + 1))
        return 0
    }
    sources 'host/*.[ch]' 'include/*.h' 'tests/*.[ch]' 'tests/*.cpp' 'bench/*.[ch]' |
        xargs clang-format --dry-run -Werror
}

# over LIMIT PATTERN...: fail when a file has more lines.
over() {
    limit=$1
    shift
    sources "$@" | xargs wc -l | awk -v limit="$limit" '
        $2 != "total" && $1 > limit { print $2 ": " $1 " lines, at most " limit; bad = 1 }
        END { exit bad }' >&2
}

# What must not be there: the top level is fixed, and nothing is left for later.
layout() {
    sources | sed 's|/.*||' | sort -u | grep -vxE \
        'kernels|host|include|bench|tests|CMakeLists.txt|README.md|LICENSE|\.ci|\.gitignore|\.clang-format' && {
        say "the top level is fixed; these are not part of it"
        return 1
    }
    ! sources '*.[ch]' '*.cl' '*.sh' '*.cmake' '*.py' | grep -v '^tests/static.sh$' |
        xargs grep -nE '\b(TODO|FIXME|XXX)\b' >&2
}

shell() {
    sources '*.sh' '.ci/run' | xargs shellcheck -x
}

# What cppcheck 2.10 misreads is named with its reason in tests/cppcheck.txt.
cpp() {
    cppcheck -q -j "$(nproc)" --std=c11 --enable=warning,performance,portability --inline-suppr \
        --suppressions-list=tests/cppcheck.txt --error-exitcode=1 -Iinclude -Ihost -DDETCL_OPENCL \
        -DDETCL_ONNX host
}

# Syntax, and the list of what the peers are given, which needs no package.
python() {
    sources '*.py' | xargs python3 -c '
import ast, sys
for name in sys.argv[1:]:
    with open(name) as file:
        ast.parse(file.read(), name)' &&
        python3 -B bench/peers/run.py --list >/dev/null
}

step git "layout" layout
step git "length of C files" over 600 '*.c' '*.h'
step git "length of kernels" over 300 '*.cl'
step clang-format "format" format
step python3 "Python" python
step shellcheck "shell scripts" shell
step cppcheck "cppcheck" cpp
echo "static checks: $passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
