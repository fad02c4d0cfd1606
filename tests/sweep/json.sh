#!/bin/sh
# SPDX-License-Identifier: MIT
#
# json.sh PYTHON ROOT WORK COMMAND...: what the sweep COMMAND writes as JSON keeps to its schema, and names
# function and line.
set -eu

python=$1
root=$2
work=$3
shift 3
for format in json jsonl; do
    "$@" --format "$format" >"$work.$format" || true # misbehaviour is its exit code
    grep -q '"function":"DriverEntry","source":"key.c","line":[1-9]' "$work.$format" || {
        echo "no function and line in $work.$format"
        exit 1
    }
done
exec "$python" "$root/tests/cli/check_json.py" "$root/docs/kldr-sweep.schema.json" seed outcome places wrong again \
    operation summary -- "$work.json" "$work.jsonl"
