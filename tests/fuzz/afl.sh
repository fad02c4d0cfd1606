#!/bin/sh
# SPDX-License-Identifier: MIT
#
# afl.sh PREFIX FOLDER SECONDS [short]: builds examples/16-fuzzed-driver with afl-clang-fast for the kldr installed in
# PREFIX, as its README says, and runs afl-fuzz in FOLDER. Each planted bug is found within two minutes, and in
# SECONDS nothing is found where there is none; short: only the latter, and what was found once is found again.
set -eu

prefix=$(cd "$1" && pwd)
seconds=$3
mode=${4:-long}
example=$(cd "$(dirname "$0")/../../examples/16-fuzzed-driver/fuzz" && pwd)
mkdir -p "$2"
cd "$2"

# It would stop and explain how the system is to be set up for speed.
export AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1
export AFL_FAST_CAL=1 AFL_BENCH_UNTIL_CRASH=1

fail() {
    tail -n 40 log
    echo "$*"
    exit 1
}

# says VARIANT FILE: what the program dies of
says() {
    code=0
    "build/label_fuzz_$1" "$2" >log 2>&1 || code=$?
    [ "$code" -ne 0 ] || fail "$2 does no harm to label_fuzz_$1"
    grep -q -e 'kldr: stop 0xC1 in label' -e 'finding leaked-pool: label' \
        -e 'ERROR: AddressSanitizer: heap-buffer-overflow' log || fail "label_fuzz_$1 dies of something else"
}

# fuzz VARIANT SECONDS: sets crash to what was found, or to nothing
fuzz() {
    rm -rf "found-$1"
    afl-fuzz -s 1 -V "$2" -i "$example/corpus" -o "found-$1" -x "$example/label.dict" \
        "build/label_fuzz_$1" >log 2>&1 || fail "afl-fuzz failed"
    crash=$(find "found-$1/default/crashes" -name 'id:*' | head -n 1)
    echo "label_fuzz_$1 with AFL++: $(sed -n 's/^execs_done *: //p' "found-$1/default/fuzzer_stats") inputs, found:" \
        "$([ -n "$crash" ] && echo yes || echo no)"
}

cmake -S "$example" -B build -D CMAKE_C_COMPILER=afl-clang-fast -D KLDR_FUZZ=ON -D CMAKE_PREFIX_PATH="$prefix" \
    >log 2>&1 || fail "cmake failed"
cmake --build build >log 2>&1 || fail "the build failed"

fuzz fixed "$seconds"
[ -z "$crash" ] || fail "there is nothing to find in label_fuzz_fixed"
found=$(sed -n 's/^corpus_found *: //p' found-fixed/default/fuzzer_stats)
[ "$found" -gt 0 ] || fail "no input reached anything new"
says length "$example/crashes/beyond-the-end"
says leak "$example/crashes/forgotten-block"
[ "$mode" = long ] || exit 0
for variant in length leak; do
    fuzz "$variant" 120
    [ -n "$crash" ] || fail "the bug of label_fuzz_$variant was not found"
    says "$variant" "$crash"
done
