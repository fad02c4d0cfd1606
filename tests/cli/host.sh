#!/bin/sh
# SPDX-License-Identifier: MIT
#
# host.sh PROGRAM FILES WORK: what the program does with devices, links, pipes and rights of a POSIX host.
set -eu

program=$1
files=$2
work=$3

rm -rf "$work"
mkdir -p "$work"
cp "$files"/*.kldr.yaml "$work"
cd "$work"
unset CI NO_COLOR GITHUB_WORKSPACE || true

fail() {
    echo "$*"
    exit 1
}

# expect CODE COMMAND...: runs it, keeps what it prints in printed and told.
expect() {
    wanted=$1
    shift
    code=0
    "$@" >printed 2>told || code=$?
    [ "$code" -eq "$wanted" ] || {
        cat printed told
        fail "exit code $code instead of $wanted: $*"
    }
}

if [ -c /dev/full ]; then
    code=0
    "$program" run pair.kldr.yaml >/dev/full 2>told || code=$?
    [ "$code" -eq 2 ] || fail "a full disk behind standard output gives $code"
    grep -q "could not be written" told || fail "a full disk is not told"
    code=0
    "$program" --version >/dev/full 2>told || code=$?
    [ "$code" -eq 2 ] || fail "--version on a full disk gives $code"
    expect 2 "$program" run -o json=/dev/full pair.kldr.yaml
    grep -q "/dev/full could not be written" told || fail "a full device is not told"
fi

expect 0 "$program" run -o json=/dev/null pair.kldr.yaml
[ -c /dev/null ] || fail "/dev/null was replaced"

# A report goes through a link to the file behind it, whose rights stay.
echo old >real.json
chmod 600 real.json
ln -s real.json link.json
expect 0 "$program" run -o json=link.json pair.kldr.yaml
[ -L link.json ] || fail "the link was replaced"
grep -q kldr_report real.json || fail "the file behind the link was not written"
case $(ls -l real.json) in
-rw-------*) ;;
*) fail "the rights of a report were changed" ;;
esac

# The same for a scenario file that is accepted.
mv failing.kldr.yaml behind.yaml
ln -s behind.yaml failing.kldr.yaml
chmod 640 behind.yaml
expect 0 "$program" run --accept failing.kldr.yaml
[ -L failing.kldr.yaml ] || fail "the link to the scenario file was replaced"
grep -q "port.sys: 1 } }" behind.yaml || fail "the scenario file behind the link was not written"
case $(ls -l behind.yaml) in
-rw-r-----*) ;;
*) fail "the rights of a scenario file were changed" ;;
esac
expect 0 "$program" run failing.kldr.yaml

# Nothing is built through a link inside the folder; the folder itself may be one.
mkdir outside target
ln -s target out
echo precious >outside/port.sys
ln -s ../outside/port.sys target/port.sys
expect 2 "$program" build -o out pair.kldr.yaml
[ "$(cat outside/port.sys)" = precious ] || fail "a file outside the folder was written"
rm target/port.sys
ln -s ../outside target/C
expect 2 "$program" build -o out same-names.kldr.yaml
[ ! -e outside/x ] || fail "a folder outside the folder was made"
rm target/C
expect 0 "$program" build -o out same-names.kldr.yaml
[ -f target/C/x/port.sys ] || fail "nothing was built behind the link to the folder"

# Folders that hold each other by links end; a pipe is read to its end.
mkdir loop
ln -s ../loop loop/again
cp pair.kldr.yaml loop
expect 0 "$program" run loop
grep -q "^3 passed" printed || fail "a loop of links was followed"
mkfifo pipe
cat pair.kldr.yaml >pipe &
expect 0 "$program" run pipe

# What nobody may read or write is told.
if [ "$(id -u)" -ne 0 ]; then
    chmod 000 pair.kldr.yaml
    expect 2 "$program" run pair.kldr.yaml
    grep -q "permission denied" printed || fail "a file without rights is not told"
    chmod 644 pair.kldr.yaml
    mkdir closed
    chmod 555 closed
    expect 2 "$program" run -o json=closed/r.json pair.kldr.yaml
    chmod 755 closed
fi

# No temporary file is left anywhere.
[ -z "$(find . -name '*.tmp')" ] || fail "temporary files were left: $(find . -name '*.tmp')"
echo "all is well"
