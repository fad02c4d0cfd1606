#!/bin/sh
# SPDX-License-Identifier: MIT
#
# check_layers.sh TREE: a file of src/ includes its own layer or a lower one, as layers.txt
# has them; sim/, examples/ and bench/ see the public headers only.
set -eu

tools=$(cd "$(dirname "$0")" && pwd)
cd "$1"
set -- src
for folder in sim examples bench; do
    [ -d "$folder" ] && set -- "$@" "$folder"
done

find "$@" -name '*.[ch]' -exec awk -v table="$tools/layers.txt" '
BEGIN {
    while ((getline line < table) > 0) {
        if (line ~ /^#/) continue
        words = split(line, word, " ")
        for (i = 2; i <= words; i++) layer[word[i]] = word[1]
    }
}

function layer_of(stem,    known) {
    while (!(stem in layer)) {
        if (!sub(/_[^_]*$/, "", stem)) return -1
    }
    return layer[stem]
}

function stem_of(path) {
    sub(/.*\//, "", path)
    sub(/\.[^.]*$/, "", path)
    return path
}

function complain(text) {
    printf "%s:%d: %s\n", FILENAME, FNR, text
    bad = 1
}

FNR == 1 {
    in_src = FILENAME ~ /^src\//
    own = in_src ? layer_of(stem_of(FILENAME)) : -1
    if (in_src && own < 0) complain("this file is not in the table of layers")
    files++
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
    split($0, part, "\"")
    name = part[2]
    if (!in_src) {
        if (name ~ /(^|\/)src\//) complain("includes " name ", an internal header of src/")
        next
    }
    if (name ~ /\//) { complain("includes " name ", which is not in src/"); next }
    other = layer_of(stem_of(name))
    if (other < 0) complain("includes " name ", which is not in the table of layers")
    else if (other > own) complain("layer " own " includes " name " of layer " other)
}

END {
    printf "%d files checked\n", files
    exit bad || files == 0
}
' {} +
