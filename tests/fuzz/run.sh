#!/bin/sh
# SPDX-License-Identifier: MIT
#
# run.sh BUILD_FOLDER SECONDS: runs every fuzz target of a build with libFuzzer that long, two at a time, then prints
# which share of the PE reader's lines its inputs reach. Finds lie in BUILD_FOLDER/fuzz/finds.
#
# Inputs found stay in BUILD_FOLDER/fuzz, so that a later run goes on from there. Every image that a
# scenario of the tree declares is a seed: the program itself writes it out.
set -eu

build=$(cd "$1" && pwd)
seconds=$2
tree=$(cd "$(dirname "$0")/../.." && pwd)
work=$build/fuzz
needed=80

mkdir -p "$work/finds" "$work/profiles" "$work/seeds/image" "$work/seeds/scenario"
rm -f "$work"/profiles/*
LLVM_PROFILE_FILE=/dev/null
export LLVM_PROFILE_FILE

collect_seeds() {
    number=0
    find "$tree/tests/scenarios" "$tree/examples" -name '*.kldr.yaml' | sort | while IFS= read -r file; do
        number=$((number + 1))
        cp "$file" "$work/seeds/scenario/$number.kldr.yaml"
        # A file may be about something else than images; then it has none to write.
        "$build/kldr" build "$file" -o "$work/seeds/image/$number" >/dev/null 2>&1 || true
    done
}

run_target() {
    name=$1
    longest=65536
    if [ "$name" = pdb ]; then longest=131072; fi # its blocks make a small one large
    echo "fuzz_$name: $seconds s"
    mkdir -p "$work/found/$name" "$work/seeds/$name"
    set -- "$work/found/$name" "$work/seeds/$name"
    if [ -d "$tree/tests/fuzz/corpus/$name" ]; then set -- "$@" "$tree/tests/fuzz/corpus/$name"; fi
    "$build/tests/fuzz/fuzz_$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
        -max_len="$longest" -print_final_stats=1 -artifact_prefix="$work/finds/$name-" "$@" \
        >"$work/$name.log" 2>&1 || {
        tail -n 60 "$work/$name.log"
        exit 1
    }
    grep -E 'Done|number_of_executed_units|average_exec' "$work/$name.log"
    LLVM_PROFILE_FILE="$work/profiles/$name.profraw" \
        "$build/tests/fuzz/fuzz_$name" -runs=0 -max_len="$longest" "$@" >/dev/null 2>&1
}

# Each planted bug of the example is found, from its seeds alone, in at most a minute; without one
# there is nothing to find.
fuzz_example() {
    example=$tree/examples/16-fuzzed-driver/fuzz
    for variant in length leak fixed; do
        most=60
        [ "$variant" = fixed ] && most=$seconds
        log=$work/label_$variant.log
        found=yes
        rm -rf "$work/example/new"
        mkdir -p "$work/example/new"
        "$build/examples/16-fuzzed-driver/fuzz/label_fuzz_$variant" -seed=1 -detect_leaks=0 -len_control=0 \
            -max_len=128 -max_total_time="$most" -print_final_stats=1 -dict="$example/label.dict" \
            -artifact_prefix="$work/example/$variant-" "$work/example/new" "$example/corpus" \
            >"$log" 2>&1 && found=no
        echo "label_fuzz_$variant: found: $found"
        # Dying is not enough: it must be of the bug.
        if [ "$found" = yes ] && ! grep -q -e 'kldr: stop 0xC1 in label' -e 'finding leaked-pool: label' \
            -e 'ERROR: AddressSanitizer: heap-buffer-overflow' "$log"; then
            found=other
        fi
        case $variant-$found in
        fixed-no | l*-yes) ;;
        *)
            tail -n 40 "$log"
            exit 1
            ;;
        esac
    done
}

reader_coverage() {
    llvm-profdata merge -o "$work/image.profdata" "$work/profiles/image.profraw"
    llvm-cov report "$build/tests/fuzz/fuzz_image" -instr-profile="$work/image.profdata" \
        -show-region-summary=false -show-branch-summary=false \
        "$tree"/src/bytes.c "$tree"/src/image.c "$tree"/src/image_*.c | grep -v '^---'
}

# Two at a time, in the order of their names.
run_targets() {
    running=
    for target in "$build"/tests/fuzz/fuzz_*; do
        if [ ! -f "$target" ] || [ ! -x "$target" ]; then continue; fi
        run_target "$(basename "$target" | sed 's/^fuzz_//')" &
        if [ -n "$running" ]; then
            wait "$running"
        fi
        running=$!
    done
    [ -z "$running" ] || wait "$running"
}

collect_seeds
run_targets
fuzz_example

echo "Lines of the PE reader reached by fuzz_image:"
reader_coverage | tee "$work/coverage.txt"
reached=$(awk '$1 == "TOTAL" { sub(/\..*/, "", $NF); print $NF }' "$work/coverage.txt")
[ "$reached" -ge "$needed" ] || {
    echo "that is less than $needed %"
    exit 1
}
