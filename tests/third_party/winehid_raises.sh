#!/bin/sh
# SPDX-License-Identifier: MIT
#
# winehid_raises.sh KLDR...: the same chain with its code run. hidparse's DllInitialize is a stub of
# Wine's that raises 0x80000100; nobody handles it, and that is the end of the simulated system.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
folder=$("$here/fetch.sh")

exec "$here/../tools/expect_exit.sh" 4 "parameters 0x80000100" "$@" run --policy missing_imports=trap \
    --define "WINE_SYS=$folder/libwine" "$here/winehid.kldr.yaml"
