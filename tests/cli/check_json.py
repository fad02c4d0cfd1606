# SPDX-License-Identifier: MIT
"""check_json.py SCHEMA KEY... -- FILE...: JSON that the program wrote keeps to its schema.

Each FILE is an object, or an object in each line. Without one of the KEYs it must be refused: a schema that
takes anything proves nothing. Exits with 77 when the jsonschema package is missing."""

import json
import sys

try:
    from jsonschema import Draft202012Validator
except ImportError:
    print("skipped: the Python package jsonschema is missing")
    sys.exit(77)


def values(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    try:
        return [json.loads(text)]
    except json.JSONDecodeError:
        return [json.loads(line) for line in text.splitlines()]


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    split = sys.argv.index("--")
    keys, files = sys.argv[2:split], sys.argv[split + 1:]
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    count = 0
    for path in files:
        for value in values(path):
            for error in validator.iter_errors(value):
                sys.exit(f"{path}: {'/'.join(map(str, error.absolute_path))}: {error.message}")
            for key in keys:
                if key in value and validator.is_valid({k: v for k, v in value.items() if k != key}):
                    sys.exit(f"{path}: the schema takes it without {key}")
            count += 1
    if count == 0:
        sys.exit("nothing was checked")
    print(f"{count} values keep to the schema")


main()
