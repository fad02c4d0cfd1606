#!/bin/sh
# SPDX-License-Identifier: MIT
#
# run.sh BUILD_FOLDER [--runs N] [--modules N] [--scenarios N]: makes the input that is not there yet and
# prints the table. --runs is the number of alternating runs (11), --modules the largest graph (3000),
# --scenarios the number of scenario files (3000). The shared objects that dlopen is measured with are
# made on Linux only; that takes minutes the first time.
set -eu

build=$(cd "$1" && pwd)
shift
runs=11
largest=3000
scenarios=3000
while [ $# -gt 1 ]; do
    case $1 in
    --runs) runs=$2 ;;
    --modules) largest=$2 ;;
    --scenarios) scenarios=$2 ;;
    *) break ;;
    esac
    shift 2
done
if [ $# -gt 0 ]; then
    sed -n '4,7s/^# //p' "$0" >&2
    exit 2
fi

here=$(dirname "$0")
programs=$build/bench
input=$build/bench/input

sizes=
for size in 100 300 1000 3000; do
    [ "$size" -le "$largest" ] || continue
    sizes="$sizes $size"
    mkdir -p "$input/graph-$size"
    "$programs/bench_make" graph "$input/graph-$size" "$size"
    if [ "$(uname)" = Linux ]; then
        [ -e "$input/graph-$size/m0000.so" ] || echo "compiling $size shared objects" >&2
        ninja --quiet -C "$input/graph-$size" >"$input/objects.log" 2>&1 || {
            tail -n 20 "$input/objects.log" >&2
            exit 1
        }
    fi
done

rm -rf "$input/scenarios"
mkdir -p "$input/scenarios"
"$programs/bench_make" scenarios "$input/scenarios" "$scenarios"

# shellcheck disable=SC2086  # a list of numbers
"$programs/bench_table" "$build/kldr" "$programs" "$input" "$here" \
    "$runs" "$scenarios" $sizes
