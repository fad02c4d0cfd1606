#!/bin/sh
# SPDX-License-Identifier: MIT
#
# check_symbols.sh NM ARCHIVE PREFIXES: every global symbol that the archive defines has one of the
# prefixes ("a_|b_"). A static library has no other way to stay out of its user's names.
set -eu

nm=$1
archive=$2
prefixes=$3

"$nm" -g "$archive" | awk -v prefixes="^_?($prefixes)" '
NF == 3 && $2 ~ /^[A-TV-Z]$/ {
    # Sanitizers and coverage add symbols of their own, all with two underscores in front.
    if ($3 ~ /^(__|\.)/) next
    total++
    if ($3 !~ prefixes) { print "symbol without prefix: " $3; bad = 1 }
}
END {
    printf "%d symbols checked\n", total
    exit bad || total == 0
}'
