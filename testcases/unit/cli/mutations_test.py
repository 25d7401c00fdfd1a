# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Feeds mutations of archives to the command.

    python mutations_test.py COMMAND FOLDER [--mutations N] [--seed N] [--jobs N]

FOLDER holds strangers/, whose archives are mutated: cut short, bits flipped, bytes of the pickles and the code replaced, records
swapped, dropped or emptied. Mutation number n of a seed is always the same. Each goes through inspect, check and repair, which must exit with 0, 1
or 2 within the limits below; 2 is one line on standard error and nothing on standard output.
"""

import argparse
import io
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ADDRESS_SPACE = 6 << 30  # Bytes. LibTorch alone maps 1.5 GiB or more.
SECONDS = 10
PATIENCE = 60  # On a machine that does other things as well; what counts is the time of the processor.
PRINTED = ("RUNS ", "[ CPU")  # By the archive that prints, where it runs before something else of it is found broken.
INPUTS = {
    "prints": ["float32[2]"],
    "writes": ["float32[2]"],
    "reads_file": ["float32[3]"],
    "packed_convolution": ["float32[1,3,8,8]"],
    "frozen_convolution": ["float32[1,3,8,8]"],
    "frozen_linear": ["float32[2,4]"],
    "dynamic_linear": ["float32[2,4]"],
    "may_fail": ["float32[3]", "true"],
    "strided": ["float32[2]"],
    "gru": ["float32[3,2,4]"],
}


def cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(1, len(data))]


def flip(data: bytes, rng: random.Random) -> bytes:
    """A few bits, anywhere; the check sums of a zip archive are not told."""
    mutated = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 8])):
        mutated[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(mutated)


def rewritten(data: bytes, change) -> bytes:
    """The archive with its records changed, and sound as a zip archive."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        records = [[name, archive.read(name)] for name in archive.namelist()]
    change(records)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in records:
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def swap(data: bytes, rng: random.Random) -> bytes:
    def change(records):
        one, other = rng.sample(range(len(records)), 2)
        records[one][1], records[other][1] = records[other][1], records[one][1]

    return rewritten(data, change)


def drop(data: bytes, rng: random.Random) -> bytes:
    def change(records):
        if rng.random() < 0.5:
            records.pop(rng.randrange(len(records)))
        else:
            records[rng.randrange(len(records))][1] = b""

    return rewritten(data, change)


def damage(data: bytes, rng: random.Random) -> bytes:
    """Bytes of one record, which the zip archive vouches for."""

    def change(records):
        record = rng.choice([record for record in records if record[1]])
        content = bytearray(record[1])
        for _ in range(rng.choice([1, 2, 4])):
            content[rng.randrange(len(content))] = rng.choice([0, 1, 255, rng.randrange(256)])
        record[1] = bytes(content)

    return rewritten(data, change)


def mutation(folder: Path, seed: int, number: int) -> tuple[str, str, bytes]:
    """The name of its archive, how it was changed, and what it is now."""
    rng = random.Random(f"{seed} {number}")
    name = list(INPUTS)[number % len(INPUTS)]
    change = rng.choice([cut, flip, flip, swap, drop, damage, damage, damage])
    return name, change.__name__, change((folder / f"{name}.pt").read_bytes(), rng)


def limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))  # SIGXCPU, which is no exit of ours.


class Test:
    def __init__(self, options: argparse.Namespace):
        self.options = options
        self.exit_codes, self.failures, self.slowest = Counter(), [], (0.0, "")

    def run(self, what: str, command: list[str], folder: Path) -> None:
        started = time.monotonic()
        # One thread: what matters is what the reader does, and the processes run side by side.
        environment = dict(os.environ, OMP_NUM_THREADS="1")
        try:
            result = subprocess.run(
                command, capture_output=True, timeout=PATIENCE, preexec_fn=limit_memory, check=False, cwd=folder, env=environment
            )
        except subprocess.TimeoutExpired:
            self.failures.append(f"{what}: still running after {PATIENCE} s")
            return
        self.slowest = max(self.slowest, (time.monotonic() - started, what))
        self.exit_codes[result.returncode] += 1
        lines = result.stderr.decode(errors="replace").splitlines()
        lines = [line for line in lines if not line.startswith(PRINTED)]
        if result.returncode not in (0, 1, 2):
            self.failures.append(f"{what}: exit {result.returncode}, {lines[:3]}")
        elif result.returncode == 2 and (len(lines) != 1 or result.stdout):
            self.failures.append(f"{what}: {len(result.stdout)} bytes out, {lines[:3]}")

    def one(self, number: int) -> None:
        name, how, data = mutation(self.options.folder / "strangers", self.options.seed, number)
        arguments = [word for spec in INPUTS[name] for word in ("--input", spec)] + ["--devices", "cpu"]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.pt"
            path.write_bytes(data)
            for command in ("inspect", "check", "repair"):
                words = [self.options.command, command, str(path), "--json", "-"]
                words += [] if command == "inspect" else arguments
                words += ["-o", str(Path(folder) / "fixed.pt")] if command == "repair" else []
                self.run(f"mutation {number} ({name}, {how}), {command}", words, Path(folder))
            if (Path(folder) / "written_by_a_model.pt").exists():
                self.failures.append(f"mutation {number} ({name}, {how}) was run without --trust")

    def all(self) -> int:
        with ThreadPoolExecutor(self.options.jobs) as pool:
            list(pool.map(self.one, range(self.options.first, self.options.first + self.options.mutations)))
        for failure in self.failures:
            print(failure)
        print(f"exit codes: {dict(self.exit_codes)}; slowest: {self.slowest[1]}, {self.slowest[0]:.1f} s")
        print(f"{self.options.mutations} mutations, {len(self.failures)} failures")
        return int(bool(self.failures) or sum(self.exit_codes.values()) != 3 * self.options.mutations)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("command")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--mutations", type=int, default=10)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    return Test(parser.parse_args()).all()


if __name__ == "__main__":
    sys.exit(main())
