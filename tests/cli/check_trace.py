# SPDX-License-Identifier: MIT
"""check_trace.py DOCS COMMAND... -- FILE...: what `kldr run` writes keeps to its JSON Schemas.

Runs COMMAND run --format jsonl on the files and validates every line, then --format json and validates the
report. Broken traces made from the first file's lines must be refused: a schema that takes anything proves
nothing. Exits with 77 when the jsonschema package is missing."""

import copy
import json
import subprocess
import sys

try:
    from jsonschema import Draft202012Validator
except ImportError:
    print("skipped: the Python package jsonschema is missing")
    sys.exit(77)


def load(path):
    with open(path, encoding="utf-8") as file:
        schema = json.load(file)
    Draft202012Validator.check_schema(schema)
    return schema


def run(command, arguments):
    done = subprocess.run(command + ["run", *arguments], stdout=subprocess.PIPE, check=False)
    return done.stdout.decode("utf-8")


def fail(text):
    print(text)
    sys.exit(1)


def check_lines(validator, text):
    """Validates lines of the same shape (same keys, same kind) once for each set of values' types."""
    seen = set()
    kinds = set()
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        value = json.loads(line)
        kinds.add(value.get("event", "header"))
        shape = (value.get("event"), value.get("how"), value.get("via"), value.get("outcome"),
                 tuple((key, type(item).__name__) for key, item in value.items()))
        if shape in seen and "0x" not in line and "scenario" not in value:
            continue
        seen.add(shape)
        for error in validator.iter_errors(value):
            fail(f"line {number}: {error.message}\n{line}")
        order = [key for key in value if key in ("seq", "depth", "step", "event")]
        if "event" in value and order != list(value)[:4]:
            fail(f"line {number}: the first keys are not seq, depth, step, event\n{line}")
    return lines, kinds


def check_refusals(validator, lines):
    """Each required key removed, and wrong types, must be found."""
    refused = 0
    for line in lines[:200]:
        value = json.loads(line)
        for key in ("seq", "event", "status", "module", "profile"):
            if key not in value:
                continue
            broken = copy.deepcopy(value)
            broken[key] = {"an": "object"}
            if validator.is_valid(broken):
                fail(f"the schema takes an object as {key}: {line}")
            refused += 1
    if refused < 100:
        fail("too few lines to break")
    return refused


def check_report(report_schema, trace_schema, text):
    report = json.loads(text)
    trace = Draft202012Validator(trace_schema)
    flat = json.loads(json.dumps(report_schema).replace('{"$ref": "kldr-trace.schema.json"}', "{}"))
    for error in Draft202012Validator(flat).iter_errors(report):
        fail(f"report: {error.message}")
    for result in report["results"]:
        for event in result.get("findings", []):
            for error in trace.iter_errors(event):
                fail(f"report: {error.message}")
    return len(report["results"])


def main():
    docs = sys.argv[1]
    split = sys.argv.index("--")
    command = [part for text in sys.argv[2:split] for part in text.split(";") if part]
    files = sys.argv[split + 1:]
    trace_schema = load(f"{docs}/kldr-trace.schema.json")
    report_schema = load(f"{docs}/kldr-report.schema.json")
    validator = Draft202012Validator(trace_schema)
    lines, kinds = check_lines(validator, run(command, ["--format", "jsonl", *files]))
    refused = check_refusals(validator, lines)
    results = check_report(report_schema, trace_schema, run(command, ["--format", "json", *files]))
    print(f"{len(lines)} lines of {len(kinds)} kinds, {refused} broken ones refused, "
          f"{results} results")


main()
