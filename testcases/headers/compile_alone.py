#!/usr/bin/env python3
# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Compiles each header of an installed tree alone, and none of its code.

    compile_alone.py INCLUDE_FOLDER COMPILER [FLAG...]

INCLUDE_FOLDER holds crosstrace/...; nothing of CrossTrace that is not in it is seen.
"""
import concurrent.futures
import os
import pathlib
import subprocess
import sys


def compile_header(name, folder, compiler):
    command = [*compiler, "-fsyntax-only", "-x", "c++", f"-I{folder}", "-"]
    run = subprocess.run(command, input=f"#include <{name}>\n", capture_output=True, text=True)
    return f"{name} does not compile alone:\n{run.stderr}" if run.returncode else ""


def main():
    folder, *compiler = sys.argv[1:]
    names = sorted(path.relative_to(folder).as_posix() for path in pathlib.Path(folder, "crosstrace").rglob("*.h"))
    if not names:
        sys.exit(f"no headers in {folder}/crosstrace")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        problems = [p for p in pool.map(lambda name: compile_header(name, folder, compiler), names) if p]
    print("\n".join(problems + [f"{len(names) - len(problems)} of {len(names)} headers compile alone"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
