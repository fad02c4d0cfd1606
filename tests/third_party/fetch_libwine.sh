#!/bin/sh
# SPDX-License-Identifier: MIT
#
# fetch_libwine.sh CACHE: the .sys files of Debian's libwine package, into CACHE/libwine.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cache=$1
new=$cache/libwine.new

rm -rf "$new"
"$here/../../cmake/debian-fetch.sh" "$new" binary libwine
mkdir "$new/root" "$new/sys"
dpkg -x "$new"/libwine_*.deb "$new/root"
find "$new/root" -path '*/x86_64-windows/*.sys' -exec cp '{}' "$new/sys/" ';'
[ -e "$new/sys/winehid.sys" ]
mv "$new/sys" "$cache/libwine"
rm -rf "$new"
