# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Feeds files that are no archives to the command.

    python bad_archives_test.py COMMAND GOOD_ARCHIVE [--all] [--flips N] [--only WORD] [--wrap PREFIX]

Every file must be refused with exit code 2, one line on standard error and nothing on standard output, within the limits
below, and repair must leave nothing behind. Each is given to inspect and, in turns, to check or repair; with --all to all three. An archive with flipped bits may still be one; then the command may answer, but must not crash. --wrap puts a
program such as valgrind in front of the command, and lifts the limit of memory.
"""

import argparse
import resource
import shlex
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from bad_archives import bad_archives, flipped

ADDRESS_SPACE = 6 << 30  # Bytes. LibTorch alone maps 1.5 GiB or more.
SECONDS = 60
CALLED = ["--input", "float32[2,3]", "--devices", "cpu"]
ARGUMENTS = {"inspect": [], "check": CALLED, "repair": CALLED}


def limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))


class Test:
    def __init__(self, options: argparse.Namespace, folder: Path):
        self.options, self.folder = options, folder
        self.exit_codes, self.failures, self.slowest, self.files = Counter(), [], (0.0, ""), 0

    def commands(self, file: Path):
        wrap = shlex.split(self.options.wrap or "")
        self.files += 1
        for name in ARGUMENTS if self.options.all else ("inspect", ("check", "repair")[self.files % 2]):
            target = ["-o", str(self.folder / "out" / "fixed.pt")] if name == "repair" else []
            yield wrap + [self.options.command, name, str(file), "--json", "-"] + ARGUMENTS[name] + target

    def run(self, name: str, command: list[str]):
        started = time.monotonic()
        limit = None if self.options.wrap else limit_memory
        patience = SECONDS * (20 if self.options.wrap else 1)
        try:
            result = subprocess.run(command, capture_output=True, timeout=patience, preexec_fn=limit, check=False)
        except subprocess.TimeoutExpired:
            return self.fail(name, command, f"still running after {patience} s")
        self.slowest = max(self.slowest, (time.monotonic() - started, name))
        self.exit_codes[result.returncode] += 1
        return result

    def fail(self, name: str, command: list[str], what: str) -> None:
        self.failures.append(f"{name} ({shlex.join(command)}): {what}")
        print(self.failures[-1], flush=True)

    def refuses(self, name: str, path: Path) -> None:
        for command in self.commands(path):
            result = self.run(name, command)
            if result is None:
                continue
            lines = result.stderr.decode(errors="replace").splitlines()
            if result.returncode != 2 or result.stdout or (len(lines) != 1 and not self.options.wrap):
                self.fail(name, command, f"exit {result.returncode}, {len(result.stdout)} bytes out, {lines[:3]}")
            elif any((self.folder / "out").iterdir()):
                self.fail(name, command, f"left behind: {list((self.folder / 'out').iterdir())}")
            elif self.options.verbose:
                print(f"{name}: {lines[-1]}", flush=True)

    def survives(self, name: str, path: Path) -> None:
        for command in self.commands(path):
            result = self.run(name, command)
            if result is None:
                continue
            lines = result.stderr.splitlines()
            if result.returncode not in (0, 1, 2, 77) or (result.returncode == 2 and len(lines) != 1 and not self.options.wrap):
                self.fail(name, command, f"exit {result.returncode}, {lines[:3]}")

    def file(self, data: bytes) -> Path:
        path = self.folder / "model.pt"
        path.write_bytes(data)
        return path

    def all(self) -> int:
        (self.folder / "out").mkdir()
        good = Path(self.options.archive).read_bytes()
        wanted = lambda name: not self.options.only or self.options.only in name
        for name, data in bad_archives(good):
            if wanted(name):
                self.refuses(name, self.file(data))
        for name, path in (("a folder", self.folder), ("no file", self.folder / "none.pt")):
            if wanted(name):
                self.refuses(name, path)
        for name, data in flipped(good, self.options.flips):
            if wanted(name):
                self.survives(name, self.file(data))
        print(f"exit codes: {dict(self.exit_codes)}; slowest: {self.slowest[1]}, {self.slowest[0]:.1f} s")
        print(f"{len(self.failures)} failures")
        return int(bool(self.failures) or not self.exit_codes)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("command")
    parser.add_argument("archive")
    parser.add_argument("--flips", type=int, default=20)
    parser.add_argument("--only")
    parser.add_argument("--wrap")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return Test(options, Path(folder)).all()


if __name__ == "__main__":
    sys.exit(main())
