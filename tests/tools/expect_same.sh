#!/bin/sh
# SPDX-License-Identifier: MIT
#
# expect_same.sh TIMES COMMAND...: the command succeeds and writes the same each time.

times=$1
shift
first=$("$@") || { printf '%s\n' "$first"; exit 1; }
[ -n "$first" ] || { echo "it wrote nothing"; exit 1; }
while [ "$times" -gt 1 ]; do
    times=$((times - 1))
    next=$("$@")
    if [ "$next" != "$first" ]; then
        echo "another run wrote something else:"
        printf '%s\n' "$next"
        exit 1
    fi
done
