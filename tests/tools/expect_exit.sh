#!/bin/sh
# SPDX-License-Identifier: MIT
#
# expect_exit.sh CODE TEXT COMMAND...: COMMAND exits with CODE and prints TEXT somewhere.
set -eu

wanted=$1
text=$2
shift 2

# A file and no pipe: under wine, helpers that stay behind would hold the pipe open for seconds.
output=$(mktemp)
trap 'rm -f "$output"' EXIT

code=0
"$@" >"$output" 2>&1 || code=$?
cat "$output"
[ "$code" -eq "$wanted" ] || {
    echo "exit code $code, wanted $wanted"
    exit 1
}
grep -qF -e "$text" "$output" || {
    echo "'$text' was not printed"
    exit 1
}
