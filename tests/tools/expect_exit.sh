#!/bin/sh
# SPDX-License-Identifier: MIT
#
# expect_exit.sh CODE TEXT COMMAND...: COMMAND exits with CODE and prints TEXT somewhere.
set -eu

wanted=$1
text=$2
shift 2

code=0
output=$("$@" 2>&1) || code=$?
echo "$output"
[ "$code" -eq "$wanted" ] || {
    echo "exit code $code, wanted $wanted"
    exit 1
}
case $output in
*"$text"*) ;;
*)
    echo "'$text' was not printed"
    exit 1
    ;;
esac
