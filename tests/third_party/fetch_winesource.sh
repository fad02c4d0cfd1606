#!/bin/sh
# SPDX-License-Identifier: MIT
#
# fetch_winesource.sh CACHE: of the source of Debian's wine package (LGPL), the drivers with which Wine
# tests its kernel and the headers that they need, into CACHE/winesource.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cache=$1
new=$cache/winesource.new

rm -rf "$new"
"$here/../../cmake/debian-fetch.sh" "$new" source-tar wine
mkdir "$new/tree"
tar -C "$new/tree" --strip-components=1 -xf "$new"/wine_*.orig.tar.* \
    --wildcards 'wine-*/dlls/ntoskrnl.exe/tests/*' 'wine-*/include/*'
[ -e "$new/tree/dlls/ntoskrnl.exe/tests/driver.c" ]
mv "$new/tree" "$cache/winesource"
rm -rf "$new"
