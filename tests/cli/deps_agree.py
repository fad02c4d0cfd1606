# SPDX-License-Identifier: MIT
"""deps_agree.py WORK FOLDER... -- COMMAND...: what `kldr deps` finds missing and what the loader says of a load agree.

The images of every scenario file below a FOLDER are built in WORK, and each is looked at alone: the loader's word is
success exactly when nothing is missing. Images that are broken on purpose fail for other reasons and are left out."""

import json
import pathlib
import shutil
import subprocess
import sys

# Statuses of what is missing, and of what is there for another machine.
MISSING = {"0xC0000034", "0xC0000263", "0xC0000262", "0xC0000130"}


def run(command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)


def check(command, image, counts):
    done = run([*command, "deps", "--format", "json", "--profile", "24h2", str(image)])
    if done.returncode == 2:
        return  # it is no valid image
    found = json.loads(done.stdout)
    status = found["loads"][0]["status"]
    whole = not found["missing"]
    loads = int(status, 16) < 0x80000000
    if whole and not loads and status not in MISSING:
        counts["other"] += 1
    elif whole != loads:
        sys.exit(f"{image}: {len(found['missing'])} missing, and the loader says {status}")
    else:
        counts["whole" if whole else "missing"] += 1


def main():
    split = sys.argv.index("--")
    command = sys.argv[split + 1:]
    work = pathlib.Path(sys.argv[1])
    files = sorted(path for folder in sys.argv[2:split] for path in pathlib.Path(folder).rglob("*.kldr.yaml"))
    counts = {"whole": 0, "missing": 0, "other": 0}
    shutil.rmtree(work, ignore_errors=True)
    for number, file in enumerate(files):
        run([*command, "build", "-q", "-o", str(work / str(number)), str(file)])
        for image in sorted((work / str(number)).rglob("*.sys")):
            check(command, image, counts)
    print(f"{len(files)} files: {counts['whole']} images with all they need, {counts['missing']} without, "
          f"{counts['other']} that fail otherwise")
    if counts["whole"] < 50 or counts["missing"] < 10:
        sys.exit("too few images were looked at")


main()
