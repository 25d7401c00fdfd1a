#!/usr/bin/env python3
# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Runs the commands that the README and docs/ show with a `$` in front, and compares what they print.

    readme_commands_test.py README.md [docs/FILE.md...] FOLDER_OF_THE_COMMAND

They run in the README's folder, so that its paths hold; files that they write (`fixed.pt`) go elsewhere. A line `...` stands for
any number of lines. A line is found if it begins one that was printed, so that long ones can be cut.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path


def sessions(text: str) -> list[tuple[str, list[str]]]:
    """Commands and the lines shown below them."""
    found = []
    for block in re.findall(r"(?:^    .*\n|^\n)+", text, flags=re.MULTILINE):
        for line in (line[4:].rstrip() for line in block.splitlines()):
            if line.startswith("$ "):
                found.append((line[2:], []))
                continue
            if found and "$ " in block:
                found[-1][1].append(line)
    return found


def first_missing(shown: list[str], printed: list[str]) -> str:
    """The first shown line that was not printed where it should be; empty if all were."""
    at, may_skip = 0, False
    for line in shown:
        if line == "...":
            may_skip = True
            continue
        rest = range(at, len(printed) if may_skip else min(at + 1, len(printed)))
        match = next((i for i in rest if printed[i].rstrip().startswith(line)), None)
        if match is None:
            return line
        at, may_skip = match + 1, False
    return ""


def main(readme: str, *others: str) -> int:
    *docs, folder = others
    commands = [session for file in (readme, *docs) for session in sessions(Path(file).read_text())]
    if not commands:
        print(f"{readme} shows no command")
        return 1
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        environment = dict(os.environ, PATH=f"{folder}:{os.environ['PATH']}", CROSSTRACE_DEVICES="cpu,sim")
        environment.pop("CROSSTRACE_REQUIRE_DEVICES", None)
        for command, shown in commands:
            result = subprocess.run(command.replace("fixed.pt", f"{scratch}/fixed.pt"), shell=True, text=True, env=environment,
                                    cwd=Path(readme).resolve().parent, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            printed = result.stdout.replace(f"{scratch}/", "")
            while shown and not shown[-1]:
                shown.pop()
            missing = first_missing(shown, printed.splitlines())
            if missing:
                failed += 1
                print(f"$ {command}\n{printed}\nThe README shows this line, which was not printed there:\n{missing}")
    print(f"{len(commands)} commands, {failed} failed")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
