#!/bin/sh
# SPDX-License-Identifier: MIT
#
# hostile.sh IMAGES SCENARIOS sanitized|plain KLDR...: drivers that attack kldr and its host get no further than a report.
set -eu

images=$1
scenarios=$2
sanitized=$3
shift 3

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

fail() {
    cat output
    echo "$*"
    exit 1
}

# run CODES SUMMARY FILE KLDR run...: one of the exit codes, "4|5"
run() {
    wanted=$1
    summary=$2
    file=$3
    shift 3
    code=0
    "$@" --define "IMAGES=$images" "$scenarios/$file.kldr.yaml" >output 2>&1 || code=$?
    if grep -q '^0 passed, 0 failed, [1-9][0-9]* skipped' output; then
        cat output
        exit 77
    fi
    case "|$wanted|" in
    *"|$code|"*) ;;
    *) fail "exit code $code, wanted $wanted" ;;
    esac
    grep -qF -e "$summary" output || fail "'$summary' was not printed"
}

# Without its data the C library may wait for ever.
run "4|5" "1 passed, 2 failed" damage "$@" run --timeout 1
grep -q 'was destroyed by signal' output || fail "no process was destroyed"
run 0 "14 passed, 0 failed" calls "$@" run -v
grep -q 'wild.sys+0x[0-9A-Fa-f]*: made system call 62 (kill) of the host' output || fail "no name"
run 0 "14 passed, 0 failed" calls "$@" run --jobs 4
[ "$sanitized" = sanitized ] || run 0 "1 passed, 0 failed" borrowed "$@" run

# By hand there is no worker.
code=0
"$@" --run-worker </dev/null >output 2>&1 || code=$?
[ "$code" -eq 2 ] || fail "--run-worker: exit code $code, wanted 2"
grep -q 'cannot be used by hand' output || fail "--run-worker does not say what it is"

# Nor does it need kldr's own standard streams.
"$@" run --define "IMAGES=$images" "$scenarios/pair.kldr.yaml" <&- >output 2>&- || fail "no streams"

# A worker does not outlive kldr.
"$@" run --timeout 60 --define "IMAGES=$images" "$scenarios/endless.kldr.yaml:loop" >output 2>&1 &
program=$!
child=
tries=0
while [ -z "$child" ]; do
    child=$(cat "/proc/$program/task/$program/children" 2>/dev/null || true)
    tries=$((tries + 1))
    [ "$tries" -lt 1000 ] || fail "no process runs the driver"
    sleep 0.01
done
kill -9 "$program"
wait "$program" 2>/dev/null || true
tries=0
while kill -0 $child 2>/dev/null; do
    tries=$((tries + 1))
    [ "$tries" -lt 1000 ] || fail "the process $child has outlived kldr"
    sleep 0.01
done

! grep -q 'escaped, escaped' output || fail "a driver wrote to standard output"
[ ! -e kldr-test-escaped ] || fail "a driver made a file"
