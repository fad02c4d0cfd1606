#!/bin/sh
# SPDX-License-Identifier: MIT
#
# check_layers.sh TREE: a file of src/ includes its own layer or a lower one; sim/, examples/ and
# bench/ see the public headers only.
set -eu

cd "$1"

set -- src
for folder in sim examples bench; do
    [ -d "$folder" ] && set -- "$@" "$folder"
done

find "$@" -name '*.[ch]' -exec awk '
BEGIN {
    split("bytes alloc status error event nearest", l0)
    split("pe_format image image_exports image_imports image_relocs", l1)
    split("module module_list context", l2)
    split("policy import_search import_look import_snap import_resolve log_record", l3)
    split("lifecycle", l4)
    split("loader", l5)
    for (i in l0) layer[l0[i]] = 0
    for (i in l1) layer[l1[i]] = 1
    for (i in l2) layer[l2[i]] = 2
    for (i in l3) layer[l3[i]] = 3
    for (i in l4) layer[l4[i]] = 4
    for (i in l5) layer[l5[i]] = 5
}

# The longest listed name that begins the stem: import_resolve_chain belongs to import_resolve.
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
