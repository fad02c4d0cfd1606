#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mingw-deps.sh DIRECTORY
#
# Builds libyaml, jansson and cmocka for Windows x64 as static libraries from Debian's source
# packages, and copies uthash.h, all into DIRECTORY. Debian has no mingw packages of them.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
prefix=$(cd "$1" && pwd)
work=$prefix/work
done_mark=$prefix/.complete

[ -e "$done_mark" ] && exit 0

build() { # build NAME CMAKE_OPTION...
    name=$1
    shift
    rm -rf "${work:?}/$name"
    mkdir -p "$work/$name/src"
    tar -xf "$work/$name"_*.orig.tar.* --strip-components=1 -C "$work/$name/src"
    cmake -S "$work/$name/src" -B "$work/$name/build" -G Ninja --log-level=WARNING \
        -DCMAKE_TOOLCHAIN_FILE="$here/toolchains/mingw-w64-x86_64.cmake" \
        -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_BUILD_TYPE=Release -Wno-dev -Wno-deprecated "$@"
    cmake --build "$work/$name/build"
    cmake --install "$work/$name/build"
}

mkdir -p "$work"
"$here/debian-fetch.sh" "$work" source libyaml jansson cmocka
rm -f "$work"/*.asc

build libyaml -DBUILD_SHARED_LIBS=OFF -DBUILD_TESTING=OFF
build jansson -DJANSSON_BUILD_SHARED_LIBS=OFF -DJANSSON_WITHOUT_TESTS=ON \
    -DJANSSON_EXAMPLES=OFF -DJANSSON_BUILD_DOCS=OFF
build cmocka -DWITH_STATIC_LIB=ON -DWITH_EXAMPLES=OFF -DUNIT_TESTING=OFF
# The tests are to start without a DLL beside them.
rm -f "$prefix/lib/libcmocka.dll.a" "$prefix/bin/cmocka.dll"

# A header only: the host's copy serves any target.
cp /usr/include/uthash.h "$prefix/include/"

: >"$done_mark"
