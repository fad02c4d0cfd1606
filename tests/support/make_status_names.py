#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes src/status_names.inc: every public NTSTATUS name and value.

usage: make_status_names.py NTSTATUS_H STATUS_H > status_names.inc

NTSTATUS_H is mingw-w64's ntstatus.h, STATUS_H is include/kldr/status.h, whose names win where two
names share a value. Needed only to refresh the table; the build uses the committed one.
"""
import re
import sys


def read_public(path):
    pattern = re.compile(r"#define\s+((?:STATUS|DBG|RPC_NT|EPT_NT)_\w+)\s+\(\((?:NTSTATUS|DWORD)\)\s*(0x[0-9A-Fa-f]+)L?\)")
    with open(path, encoding="utf-8") as source:
        return [(m[1], int(m[2], 16)) for m in map(pattern.match, source) if m]


def read_own(path):
    pattern = re.compile(r"\s*X\((\w+), (0x[0-9A-Fa-f]{8}), \d+, ")
    with open(path, encoding="utf-8") as source:
        return [("STATUS_" + m[1], int(m[2], 16)) for m in map(pattern.match, source) if m]


def main():
    public, own = read_public(sys.argv[1]), read_own(sys.argv[2])
    values = {}
    for name, value in own + public:
        if values.setdefault(name, value) != value:
            sys.exit(f"{name} has two values")
    names = sorted(values)
    preferred = {}
    for name, value in own + public:
        preferred.setdefault(value, name)
    print("// SPDX-License-Identifier: MIT")
    print("// Made by tests/support/make_status_names.py: do not edit.")
    print("//")
    print("// STATUS_NAME(name, value): every public NTSTATUS, by name in strcmp order.")
    print("// STATUS_BY_VALUE(position): positions in that list by ascending value, one for each value.")
    print("#ifdef STATUS_NAME")
    for name in names:
        print(f"STATUS_NAME({name}, 0x{values[name]:08X})")
    print("#endif")
    print("#ifdef STATUS_BY_VALUE")
    position = {name: index for index, name in enumerate(names)}
    for value in sorted(preferred):
        print(f"STATUS_BY_VALUE({position[preferred[value]]})")
    print("#endif")


main()
