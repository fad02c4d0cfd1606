#!/bin/sh
# SPDX-License-Identifier: MIT
#
# tracked_files.sh TREE: the files that belong to the tree, one a line, relative to it. With git these
# are the tracked ones; an unpacked archive is taken as it is, without build folders.
set -eu

cd "$1"
# The tree may belong to another user, as under sudo: git is only asked for a list.
if git -c safe.directory='*' rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    git -c safe.directory='*' ls-files
else
    find . -name .git -prune -o -path './build*' -prune -o -type f -print | sed 's|^\./||'
fi
