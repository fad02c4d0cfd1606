#!/bin/sh
# SPDX-License-Identifier: MIT
#
# check_text.sh TREE: no tracked text mentions a path of the machine it was written on, and no source
# has a note for later in it.
set -eu

tools=$(cd "$(dirname "$0")" && pwd)
cd "$1"

# A home or work folder at the start of a path; the middle of one, as in a URL, is no match.
path='(^|[^A-Za-z0-9._/:>}*-])/(work|home|root|Users)/[A-Za-z0-9._-]'
later='(^|[^A-Za-z0-9_])(TOD''O|FIXM''E|XX''X)([^A-Za-z0-9_]|$)'

status=0
files=$("$tools/tracked_files.sh" . | grep -v '^tests/fuzz/corpus/')

# grep -I passes over binary files; xargs gets one name a line.
if echo "$files" | tr '\n' '\0' | xargs -0 grep -nIE "$path" -- 2>/dev/null; then
    echo "the lines above name a path of one machine"
    status=1
fi
if echo "$files" | tr '\n' '\0' | xargs -0 grep -nIE "$later" -- 2>/dev/null; then
    echo "the lines above hold a note for later: make it an issue"
    status=1
fi
echo "$(echo "$files" | wc -l) files checked"
exit "$status"
