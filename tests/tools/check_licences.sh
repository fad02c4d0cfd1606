#!/bin/sh
# SPDX-License-Identifier: MIT
#
# check_licences.sh TREE: each source file and script names its licence in one of its first lines.
set -eu

tools=$(cd "$(dirname "$0")" && pwd)
cd "$1"

"$tools/tracked_files.sh" . | {
    status=0
    total=0
    while IFS= read -r file; do
        [ -f "$file" ] || continue
        case $file in
        tests/fuzz/corpus/* | tests/malformed/*) continue ;;
        *.[chS15] | *.inc | *.def | *.cmake | *.cmake.in | *.pc.in | *.py | *.sh | *.awk | *.yaml | \
            *.yml | *CMakeLists.txt | *.ps1 | .clang-format | .editorconfig | .git*) ;;
        *)
            # Scripts without a suffix are known by their first two bytes.
            [ "$(head -c 2 "$file" | tr -d '\0')" = '#!' ] || continue
            ;;
        esac
        total=$((total + 1))
        if ! head -n 3 "$file" | grep -q 'SPDX-License-Identifier: MIT'; then
            echo "$file: no SPDX line"
            status=1
        fi
    done
    echo "$total files checked"
    [ "$total" -gt 0 ] || status=1
    exit "$status"
}
