#!/bin/sh
# SPDX-License-Identifier: MIT
#
# winehid.sh KLDR...: a chain of three real drivers links: winehid -> hidclass -> hidparse. Without code
# run it counts as bound, not as passed.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
folder=$("$here/fetch.sh")

exec "$here/../tools/expect_exit.sh" 0 "bound only" "$@" run -v --cpu none --policy missing_imports=trap \
    --define "WINE_SYS=$folder/libwine" "$here/winehid.kldr.yaml"
