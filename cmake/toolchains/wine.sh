#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Runs a 64-bit Windows program quietly under wine: wine.sh PROGRAM [ARGUMENT...]
set -eu

WINEARCH=win64
WINEDEBUG=${WINEDEBUG:--all}
export WINEARCH WINEDEBUG
exec wine "$@"
