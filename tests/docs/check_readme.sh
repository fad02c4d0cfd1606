#!/bin/sh
# SPDX-License-Identifier: MIT
#
# check_readme.sh TREE KLDR...: the README shows what the program prints. Its first fenced block is the
# beginning of the demo's output, and its YAML block is the example without the licence line.
# KLDR is the program, with an emulator in front of it where one is needed.
set -eu

cd "$1"
shift
example=examples/00-last-importer-out/last-importer-out.kldr.yaml
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# The first block that opens with the given line.
block() {
    awk -v fence="$1" '
    open && /^```/ { exit }
    open { print }
    $0 == fence { open = 1 }' README.md
}

block '```' >"$scratch/demo.wanted"
"$@" run -v "$example" | tr -d '\r' >"$scratch/demo.all"
head -n "$(wc -l <"$scratch/demo.wanted")" "$scratch/demo.all" >"$scratch/demo.got"

block '```yaml' >"$scratch/example.wanted"
tail -n +2 "$example" >"$scratch/example.got"

status=0
for part in demo example; do
    if [ ! -s "$scratch/$part.wanted" ] || ! diff -u "$scratch/$part.wanted" "$scratch/$part.got"; then
        echo "README.md: the $part differs (- README, + program or file)"
        status=1
    fi
done
exit "$status"
