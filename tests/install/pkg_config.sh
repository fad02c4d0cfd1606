#!/bin/sh
# SPDX-License-Identifier: MIT
#
# pkg_config.sh PKG_CONFIG PC_FOLDER COMPILER SOURCE OUTPUT: builds and runs SOURCE with what the
# installed kldr.pc says, and nothing else.
set -eu

pkg_config=$1
PKG_CONFIG_PATH=$2
compiler=$3
source=$4
output=$5
export PKG_CONFIG_PATH

flags=$("$pkg_config" --cflags --libs kldr)
echo "kldr $("$pkg_config" --modversion kldr): $flags"
# shellcheck disable=SC2086  # the compiler and the flags are lists of words
$compiler -std=c11 "$source" $flags -o "$output"
"$output"
