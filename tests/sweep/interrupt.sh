#!/bin/sh
# SPDX-License-Identifier: MIT
#
# interrupt.sh COMMAND...: an interrupt ends the sweep COMMAND at once, also while code of a driver runs that
# has no end.
set -u

command -v timeout >/dev/null 2>&1 || {
    echo "skipped: there is no timeout command"
    exit 77
}
timeout --foreground -k 20 -s INT 1 "$@"
code=$?
# 124: it was interrupted and ended; 137: it had to be killed.
[ "$code" -eq 124 ] || {
    echo "exit code $code, wanted 124"
    exit 1
}
