#!/bin/sh
# SPDX-License-Identifier: MIT
#
# symbols.sh IMAGES SOURCES KLDR...: a driver that was built with CodeView is reported with function and line, from
# the PDB that belongs to it and from no other.
set -eu

images=$1
sources=$2
shift 2

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

fail() {
    cat output
    echo "$*"
    exit 1
}

# load ARGUMENTS...: a stop is wanted
load() {
    code=0
    "$@" >output 2>&1 || code=$?
    if grep -q '^skipped' output; then
        exit 77
    fi
    [ "$code" -eq 4 ] || fail "exit code $code, wanted 4"
}

# line FILE MARK
line() {
    grep -n "mark: $2" "$sources/$1" | cut -d : -f 1
}

# wanted TEXT: a line ends so
wanted() {
    grep -q -e "$1\$" output || fail "no line ends in '$1'"
}

unwanted() {
    ! grep -q -e "$1" output || fail "there is '$1'"
}

inlined="codeview_port.sys+0x[0-9a-f]* (touch, codeview_port.c:$(line codeview_port.c inlined))"
export="codeview_port.sys+0x[0-9a-f]* (TouchChannel, codeview_port.c:$(line codeview_port.c export))"
call="codeview.sys+0x[0-9a-f]* (DriverEntry, codeview.c:$(line codeview.c call))"

# PDBs beside the images, of which one is a scenario's and one was found in a folder.
load "$@" load "$images/codeview.sys"
wanted "$inlined"
wanted "$export"
wanted "$call"
unwanted ' note '

# None.
cp "$images/codeview.sys" "$images/codeview_port.sys" .
load "$@" load codeview.sys
wanted 'codeview_port.sys+0x[0-9a-f]* (TouchChannel+0x[0-9a-f]*)'
wanted 'codeview.sys+0x[0-9a-f]* (entry point+0x[0-9a-f]*)'
unwanted '\.c:'
unwanted ' note '

# In a folder of their own, under the recorded name though the image has another one.
mv codeview.sys renamed.sys
mkdir pdb
cp "$images/codeview.pdb" "$images/codeview_port.pdb" pdb
load "$@" load --dir . --dir pdb renamed.sys
wanted "$inlined"
wanted "renamed${call#codeview}"

# Of another build, broken, empty.
cp "$images/codeview.pdb" codeview_port.pdb
load "$@" load renamed.sys
wanted 'codeview_port.pdb is of another build: the image wants {[-0-9A-F]*}, age 1, and the file is {[-0-9A-F]*}, age 1'
unwanted 'codeview_port\.c:'
head -c 5000 "$images/codeview_port.pdb" >codeview_port.pdb
load "$@" load renamed.sys
wanted 'codeview_port.pdb: no PDB that kldr can read (MSF 7.00)'
unwanted 'codeview_port\.c:'
: >codeview_port.pdb
load "$@" load renamed.sys
wanted 'codeview_port.pdb: no PDB that kldr can read (MSF 7.00)'

# The image says which one it wants.
"$@" inspect "$images/codeview_port.sys" >output
wanted 'CodeView      PDB codeview_port.pdb, build {[-0-9A-F]*}, age 1'
"$@" inspect --format json "$images/codeview_port.sys" >output
grep -q '"codeview":{"pdb":"codeview_port.pdb","guid":"{[-0-9A-F]*}","age":1}' output || fail "no JSON"
