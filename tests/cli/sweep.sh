#!/bin/sh
# SPDX-License-Identifier: MIT
#
# sweep.sh FILES WORK KLDR...: a sweep that is interrupted and goes on, with any number of jobs, says what
# one says that runs through.
set -u

files=$1
work=$2
shift 2
rm -rf "$work"
mkdir -p "$work"
cd "$work" || exit 1
cp "$files/sweep.yaml" .

fail() {
    echo "$1"
    exit 1
}

# sweep NAME ARGUMENTS...: the report in NAME.out; the exit code must be that of the first one.
sweep() {
    name=$1
    shift
    "$@" >"$name.out" 2>"$name.err"
    code=$?
    [ -s "$name.err" ] && fail "$name: $(cat "$name.err")"
    [ "$name" = whole ] && want=$code
    [ "$code" -eq "$want" ] || fail "$name: exit code $code, and $want for the whole"
    cmp whole.out "$name.out" || fail "$name: another report"
}

sweep whole "$@" run --fault-sweep sweep.yaml
[ "$want" -eq 4 ] || fail "exit code $want"
sweep one "$@" run --fault-sweep --jobs 1 sweep.yaml
sweep four "$@" run --fault-sweep --jobs 4 sweep.yaml

# Each part of a state is enough to go on from.
sweep kept "$@" run --fault-sweep --sweep-state state sweep.yaml
[ "$(wc -l <state)" -eq 21 ] || fail "the state has other lines than a head and 20 faults"
cp state all
for lines in 1 2 10 20; do
    head -n "$lines" all >state
    sweep "from-$lines" "$@" run --fault-sweep --jobs 3 --sweep-state state sweep.yaml
    sort all >sorted
    sort state | cmp -s - sorted || fail "the state after $lines lines is another one"
done

# What it has is not done again: a finding that stands there is told again.
sed 's/ran after the image/was found behind the image/' all >state
"$@" run --fault-sweep --sweep-state state sweep.yaml >believed.out
grep -q 'was found behind the image' believed.out || fail "what is done was done again"

# With other options nothing of it counts.
"$@" run --fault-sweep --seed 5 --sweep-state state sweep.yaml >other.out
grep -q 'was found behind the image' other.out && fail "a state of other options was used"
[ "$(wc -l <state)" -eq 41 ] || fail "the state of other options is not kept beside"

# An interrupt ends it at once, with the state whole.
if command -v timeout >/dev/null 2>&1; then
    rm -f state
    timeout --foreground -s INT 0.05 "$@" run --fault-sweep --jobs 1 --sweep-state state sweep.yaml \
        >cut.out 2>/dev/null
    sweep after-interrupt "$@" run --fault-sweep --sweep-state state sweep.yaml
fi
exit 0
