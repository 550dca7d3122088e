#!/bin/sh
# The command as a user meets it: exit codes, streams, files. sh tests/cli.sh BUILD
set -eu
cd "$(dirname "$0")/.."
build=$1
detcl=$(cd "$build" && pwd)/detcl
work=$build/cli
picture=host/models/markers/demo.jpg
rm -rf "$work"
mkdir -p "$work"
export DETCL_DEVICE=cpu
failed=0

# expect CODE ARGUMENT...: out and err keep what was written.
expect() {
    wanted=$1
    shift
    found=0
    "$detcl" "$@" >"$work/out" 2>"$work/err" || found=$?
    if [ "$found" -ne "$wanted" ]; then
        echo "FAIL exit code $found, not $wanted: detcl $*"
        cat "$work/err"
        failed=1
    fi
}

# holds TEXT COMMAND...: the command must succeed.
holds() {
    text=$1
    shift
    if ! "$@" >"$work/held" 2>&1; then
        echo "FAIL $text"
        cat "$work/held"
        failed=1
    fi
}

# shellcheck disable=SC2317
empty() {
    [ ! -s "$1" ]
}

expect 0 --help
expect 0 --version
expect 2
expect 2 nonsense
for command in detect propose devices check tune; do
    expect 0 $command --help
    holds "$command --help has an example" grep -q 'Example' "$work/out"
    expect 2 $command --nonsense
    holds "results only on stdout" empty "$work/out"
done

expect 0 devices
holds "the CPU device is the last" sh -c "grep -E '^[a-z]' '$work/out' | tail -n 1 | grep -q '^cpu '"
expect 0 devices --json
expect 2 devices surplus
expect 0 check --op copy --json
expect 2 check --op nonsense
expect 5 check --device nonsense

expect 0 detect "$picture"
holds "the table names a class" grep -q 'QR code' "$work/out"
expect 0 detect --json - "$picture"
holds "JSON holds labels and boxes" grep -q '"box"' "$work/out"
holds "no table beside JSON" sh -c "! grep -q 'found in' '$work/out'"
expect 5 detect --device nonsense "$picture"
expect 2 detect
expect 2 detect --score 2 "$picture"
expect 2 detect --size 12 "$picture"
expect 2 detect --mean 1,nan,2 "$picture"
expect 2 detect --channels purple "$picture"
expect 2 detect --out "$work/a.gif" "$picture"
expect 2 detect --out "$work" "$picture" "$picture"
expect 4 detect --model "$work/nothing.onnx" "$picture"
expect 4 detect --model "$picture" "$picture"
expect 3 detect "$work/nothing.png"

expect 0 propose --max 7 "$picture"
holds "a line a box" sh -c "[ \"\$(wc -l <'$work/out')\" -eq 7 ]"
expect 0 propose --mode single --json - --out "$work/proposed.png" "$picture"
holds "JSON holds boxes" grep -q '"boxes"' "$work/out"
holds "proposals are drawn" test -s "$work/proposed.png"
expect 2 propose
expect 2 propose "$picture" "$picture"
expect 2 propose --mode slow "$picture"
expect 2 propose --max 0 "$picture"
expect 2 propose --out "$work/a.gif" "$picture"
expect 2 propose --out "$work/proposed.png" "$work/proposed.png"
expect 3 propose "$work/nothing.png"
expect 1 propose --json "$work/no/such/folder.json" "$picture"

# One bad image among several.
echo 'no picture' >"$work/bad.png"
expect 3 detect --out "$work/pictures" --json "$work/all.json" "$work/bad.png" "$picture"
holds "the bad image is named" grep -q 'bad.png' "$work/err"
holds "the good one is in the JSON" grep -q 'demo.jpg' "$work/all.json"
holds "the good one is drawn" test -s "$work/pictures/demo.jpg"
holds "nothing for the bad one" test ! -e "$work/pictures/bad.png"

# What is there survives a failure, and nothing half-written stays.
cp "$picture" "$work/demo.jpg"
expect 2 detect --out "$work" "$work/demo.jpg"
holds "the image itself is kept" cmp "$picture" "$work/demo.jpg"
expect 1 detect --json "$work/no/such/folder.json" "$picture"
expect 1 detect --out "$work/no/such/folder.png" "$picture"
holds "no temporary files" sh -c "! find '$work' -name '*.tmp' -o -name '*.json.*' | grep ."

# The bundled model is looked up where DETCL_MODELS says first.
mkdir -p "$work/models"
echo 'no model' >"$work/models/markers.onnx"
DETCL_MODELS=$work/models expect 4 detect "$picture"

[ "$failed" -eq 0 ] && echo "ok"
# One box a place: suppression across classes leaves fewer.
expect 0 detect --json "$work/by_class.json" "$picture"
expect 0 detect --class-agnostic --json "$work/agnostic.json" "$picture"
holds "fewer boxes when classes suppress each other" sh -c \
    "[ \$(grep -c '\"score\"' '$work/agnostic.json') -lt \$(grep -c '\"score\"' '$work/by_class.json') ]"

expect 0 ops --md
holds "host/ops/OPERATIONS.md is what 'detcl ops --md' prints" diff "$work/out" host/ops/OPERATIONS.md
expect 0 ops --json
expect 2 ops --json --md
expect 2 ops more

# Measurements.
expect 0 bench --help
holds "bench --help has an example" grep -q 'Examples:' "$work/out"
expect 0 bench ops --quick --quiet --op nms/uniform/100 --json "$work/bench.json" --html "$work/bench.html" \
    --csv "$work/bench.csv" --md "$work/bench.md"
holds "the table of bench names the case" grep -q '^nms/uniform/100 ' "$work/out"
holds "a whole run is complete" grep -q '"complete": true' "$work/bench.json"
holds "the page of bench is one" grep -q '</html>' "$work/bench.html"
holds "the rows of bench name the case" grep -q 'nms/uniform/100' "$work/bench.csv"
expect 0 bench compare "$work/bench.json" "$work/bench.json"
if ! grep -q __asan_init "$detcl"; then # minutes under AddressSanitizer
    expect 0 bench models --quick --quiet --json - --image "$picture"
    holds "bench models measures the bundled model" grep -q '"single_stream"' "$work/out"
    holds "bench models verified it" grep -q '"verified"' "$work/out"
fi
expect 2 bench everything
expect 2 bench ops --batch 0
expect 2 bench ops limits
expect 3 bench models --image "$work/nothing.png"
expect 4 bench models --model "$work/nothing.onnx"
expect 4 bench models --model "$work"
expect 5 bench limits --device no-such-device
holds "bench names the device that is not there" grep -q 'no-such-device' "$work/err"
# Ctrl-C: what was measured so far is there. A shell's background jobs ignore it, so the command is started
# by one that does not.
found=0
timeout --foreground --signal INT 3 "$detcl" bench ops --json "$work/part.json" >"$work/out" 2>"$work/err" || found=$?
holds "an interrupted bench tells so (exit code 124 is timeout's own, 130 the command's: $found)" \
    test "$found" -eq 124 -o "$found" -eq 130
holds "an interrupted bench keeps what was measured" grep -q '"complete": false' "$work/part.json"
holds "an interrupted bench says so" grep -q 'interrupted' "$work/err"
expect 0 bench compare "$work/part.json"

# Tuning. A database of the user's own, in a folder of its own.
DETCL_TUNING_DIR=$work/tuning
export DETCL_TUNING_DIR
expect 0 tune
holds "the CPU device has nothing to tune" grep -q 'nothing to tune' "$work/err"
holds "and nothing is printed" empty "$work/out"
expect 2 tune --suite --model "$picture"
expect 2 tune --budget 0
expect 2 tune surplus
expect 4 tune --model "$work/nothing.onnx"
expect 5 tune --device nonsense
if "$detcl" devices | grep -q 'Portable Computing Language'; then
    small='conv2d/ssd_vgg16.conv11_2'
    expect 4 tune --device opencl:pocl --model "$picture"
    expect 0 tune --device opencl:pocl --op "$small" --budget 2 --again
    holds "a row names the case" grep -Eq "^$small .* ([2-9]|[1-9][0-9])/[0-9]+$" "$work/out"
    holds "the database has it" grep -q '^use.conv2d n=1 c=128 h=3 w=3 k=256 ' "$work"/tuning/*.txt
    expect 0 tune --device opencl:pocl --op "$small" --budget 2
    holds "it is tuned already" grep -q '1 tuned already' "$work/err"
    expect 0 tune --device opencl:pocl --op "$small" --budget 2 --again --out "$work/tuning.txt"
    holds "a database where it is asked for" grep -q '^detcl-tuning 1$' "$work/tuning.txt"
    expect 1 tune --device opencl:pocl --op "$small" --budget 2 --again --out "$work/no/such/folder.txt"
    expect 0 tune --device opencl:pocl --model host/models/markers/markers.onnx --budget 2 --again
    holds "layers of the model" grep -q '^tuned [1-9]' "$work/out"
    found=0
    timeout --foreground --signal INT 6 "$detcl" tune --device opencl:pocl --budget 600 --again >"$work/out" 2>"$work/err" || found=$?
    holds "an interrupted tuning tells so (exit code $found)" test "$found" -eq 124 -o "$found" -eq 130
    holds "and says so" grep -q 'interrupted' "$work/err"
    printf 'use\tno\tline' >"$work/tail"
    cat "$work/tail" >>"$(echo "$work"/tuning/*.txt)"
    expect 0 detect --device opencl:pocl "$picture"
    holds "a damaged line is told" grep -q 'lines are damaged' "$work/err"
    DETCL_NO_TUNING=1 expect 0 detect --device opencl:pocl "$picture"
    holds "and ignored on request" sh -c "! grep -q damaged '$work/err'"
fi

# Documents of the benchmark.
sample=tests/bench/sample.json
expect 0 bench compare --help
holds "bench compare --help has an example" grep -q 'Example' "$work/out"
expect 0 bench compare "$sample" "$sample"
holds "a case is the same as itself" grep -q 'conv2d/a.3x3 .* same ' "$work/out"
holds "nothing to say" empty "$work/err"
sed 's/"median": 1.0, /"median": 1.2, /' "$sample" >"$work/slower.json"
expect 0 bench compare "$sample" "$work/slower.json"
expect 0 bench compare --fail-over 20% "$sample" "$work/slower.json"
expect 1 bench compare --fail-over 10% "$sample" "$work/slower.json"
holds "what got slower is named" grep -q 'B: conv2d/a.3x3: 1.20x of A' "$work/err"
expect 0 bench compare --fail-over 10% --op 'nms*' "$sample" "$work/slower.json"
expect 0 bench compare --html "$work/a.html" --md "$work/a.md" --csv "$work/a.csv" "$sample"
for name in html md csv; do
    holds "a report as $name" grep -q 'A device' "$work/a.$name"
done
expect 0 bench compare --md - "$sample"
holds "Markdown alone" cmp "$work/a.md" "$work/out"
expect 1 bench compare --html "$work/no/such/folder.html" "$sample"
expect 2 bench compare
expect 2 bench compare --nonsense "$sample"
expect 2 bench compare --fail-over much "$sample"
expect 2 bench compare --fail-over nan "$sample"
cp "$sample" "$work/kept.json"
expect 2 bench compare --csv "$work/kept.json" "$work/kept.json"
holds "a document is not written over" cmp "$sample" "$work/kept.json"
expect 3 bench compare "$work/nothing.json"
expect 3 bench compare "$sample" "$picture"
sed 's/"median": 1.0, /"median": "1.0", /' "$sample" >"$work/damaged.json"
expect 3 bench compare "$sample" "$work/damaged.json"
holds "the place is named" grep -q 'damaged.json: runs\[0\].operations\[0\].event.median: ' "$work/err"
sed -E 's/"name": "(conv2d|nms|tiny|broken)/"name": "other_\1/' "$sample" >"$work/others.json"
expect 3 bench compare "$sample" "$work/others.json"
holds "nothing in common is said" grep -q 'no case in common' "$work/err"
expect 0 bench index "$sample"
holds "a row" grep -q '^| A device | 3.1 | 2026-01-02 | 0.1.0 | 40.0 | 400 | 18 % | ' "$work/out"
(
    cd bench
    set -- results/*/*.json
    [ ! -e "$1" ] || "$detcl" bench index "$@"
) >"$work/index"
sed -n '/^<!-- index -->$/,/^<!-- end of index -->$/{/^<!--/d;p}' bench/README.md >"$work/wanted"
holds "the table in bench/README.md is what 'detcl bench index' prints" diff "$work/index" "$work/wanted"
expect 2 bench index
expect 3 bench index "$picture"
exit "$failed"
