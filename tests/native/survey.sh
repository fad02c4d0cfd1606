#!/bin/sh
# SPDX-License-Identifier: MIT
#
# survey.sh FOLDER PYTHON COMMAND...: what `kldr survey` says of some of the drivers in FOLDER. Without PYTHON
# its JSON is not compared with the schema.
set -eu

from=$1
python=$2
shift 2
tests=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
folder=$work/drivers
mkdir "$folder"
for image in mini port failing null_pointer recursion breakpoint execute loop lacking late keeper; do
    cp "$from/$image.sys" "$folder"
done

"$@" survey --timeout 1 -j 1 "$folder" >"$work/one"
"$@" survey --timeout 1 -j 3 "$folder" >"$work/three"
cat "$work/one"
if grep -q "linked only" "$work/one"; then
    echo "skipped: no code is run on this host"
    exit 77
fi
cmp "$work/one" "$work/three"

images=$(find "$folder" -name '*.sys' | wc -l)
lines=$(grep -c '\.sys .*links  ' "$work/one")
[ "$images" -eq "$lines" ] || {
    echo "$images images, $lines lines"
    exit 1
}

# expect IMAGE PATTERN: the image's line has it.
expect() {
    grep "/$1\.sys " "$work/one" | grep -q "$2" || {
        echo "$1: not '$2'"
        exit 1
    }
}
expect mini "links  -  *SUCCESS  *SUCCESS$"
expect port "links  SUCCESS  *SUCCESS  *no DriverUnload"
expect failing "links  IO_DEVICE_ERROR "
expect null_pointer "stopped .*as a driver: stop 0x7E at null_pointer.sys+0x"
expect loop "limit .*time limit"
expect lacking "1 not simulated"

if [ -n "$python" ]; then
    "$@" survey --timeout 1 --format jsonl "$folder" >"$work/survey.jsonl"
    "$python" "$tests/cli/check_json.py" "$tests/../docs/kldr-survey.schema.json" image links -- \
        "$work/survey.jsonl" || [ $? -eq 77 ]
fi
