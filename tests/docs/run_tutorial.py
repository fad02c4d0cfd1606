#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""run_tutorial.py PAGE PREFIX FOLDER: does in FOLDER what a tutorial says, with the kldr installed in PREFIX.

What a fenced block is for stands behind its language:
  ```LANG file=NAME         a file to write
  ```LANG file=NAME append  lines to put at its end
  ```diff file=NAME         lines to change, with or without context
  ```console                commands behind "$ ", each with what it prints; a line "..." stands for
                            any lines, "..." between blanks for any text
Other blocks are not executed. A command must succeed, unless `echo $?` comes next.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys


def blocks(page):
    """Yields (line number, info words, lines) of each fenced block."""
    lines = page.read_text(encoding="utf-8").split("\n")
    start = None
    for number, line in enumerate(lines, 1):
        if start is None and line.startswith("```"):
            start = number
        elif start is not None and line == "```":
            yield start, lines[start - 1][3:].split(), lines[start:number - 1]
            start = None
    if start is not None:
        raise SystemExit(f"{page}:{start}: the block does not end")


def change(text, diff):
    """Applies one hunk: what it removes and keeps must be there exactly once."""
    old = "".join(line[1:] + "\n" for line in diff if line[:1] in ("-", " "))
    new = "".join(line[1:] + "\n" for line in diff if line[:1] in ("+", " "))
    if text.count(old) != 1:
        raise ValueError(f"the lines to change are there {text.count(old)} times")
    return text.replace(old, new)


def pattern(lines):
    """The regular expression for what a command prints."""
    parts = []
    for line in lines:
        if line == "...":
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append(re.escape(line).replace(r"\ \.\.\.\ ", r"\ .*\ ") + r"\n")
    return re.compile("".join(parts))


def commands(lines):
    """(command, expected lines) of a console block."""
    found = []
    for line in lines:
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found:
            found[-1][1].append(line)
        else:
            raise ValueError("output before the first command")
    return found


class Tutorial:
    def __init__(self, folder, environment):
        self.folder = folder
        self.environment = environment
        self.exit_code = 0
        self.written = 0
        self.executed = 0

    def write(self, words, lines):
        path = self.folder / words[1].removeprefix("file=")
        text = "\n".join(lines) + "\n"
        if words[0] == "diff":
            text = change(path.read_text(encoding="utf-8"), lines)
        elif words[2:] == ["append"]:
            text = path.read_text(encoding="utf-8") + text
        path.write_text(text, encoding="utf-8")
        self.written += 1

    def execute(self, command, expected):
        """Runs one command after the last one's exit code; raises when it prints something else."""
        result = subprocess.run(["sh", "-c", f"(exit {self.exit_code}); {command}"], cwd=self.folder,
                                env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                text=True, timeout=300)
        self.exit_code = result.returncode
        self.executed += 1
        # A note says what this host or this build lacks.
        printed = re.sub(r"^kldr \w+: note: .*\n", "", result.stdout, flags=re.MULTILINE)
        if not pattern(expected).fullmatch(printed):
            raise ValueError(f"$ {command}\nprinted\n{result.stdout}")

    def console(self, lines):
        for command, expected in commands(lines):
            if self.exit_code != 0 and command != "echo $?":
                raise ValueError(f"exit code {self.exit_code} before: {command}")
            self.execute(command, expected)
        if self.exit_code != 0:
            raise ValueError(f"exit code {self.exit_code} at the end of the block")


def main():
    page, prefix, folder = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    environment = dict(os.environ, CMAKE_PREFIX_PATH=str(prefix),
                       PATH=f"{prefix / 'bin'}{os.pathsep}{os.environ['PATH']}")
    tutorial = Tutorial(folder, environment)
    for number, words, lines in blocks(page):
        try:
            if words[:1] == ["console"]:
                tutorial.console(lines)
            elif any(word.startswith("file=") for word in words):
                tutorial.write(words, lines)
        except (ValueError, OSError) as problem:
            raise SystemExit(f"{page.name}:{number}: {problem}") from None
    print(f"{tutorial.written} files written or changed, {tutorial.executed} commands executed")
    if tutorial.written == 0 or tutorial.executed == 0:
        raise SystemExit("nothing was tried")


if __name__ == "__main__":
    main()
