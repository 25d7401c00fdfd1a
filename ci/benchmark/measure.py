# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Time and memory of whole processes, in turns, and the rows that they become."""

import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from benchmark.targets import AT_LEAST, target_of


class Missing(Exception):
    """Why a line cannot be measured."""


class Command(NamedTuple):
    arguments: list[str]
    exits: tuple[int, ...] = (0,)
    environment: dict[str, str] = {}


class Cost(NamedTuple):
    seconds: float
    peak: int  # Bytes of memory that were resident at once.


def line(name: str, value: float, unit: str, against: str | None, baseline: float | None) -> dict:
    target = target_of(name)
    ratio = None
    if baseline is not None:
        ratio = baseline / value if target and target[0] == AT_LEAST else value / baseline
    return {"name": name, "value": value, "unit": unit, "against": against, "baseline": baseline, "ratio": ratio}


def missing(name: str, reason: str) -> dict:
    return {"name": name, "value": None, "unit": None, "against": None, "baseline": None, "ratio": None, "reason": reason}


def cost(command: Command) -> Cost:
    """Of one process whose output nobody reads, and of those that it waited for."""
    with tempfile.TemporaryFile() as said:
        started = time.monotonic()
        process = subprocess.Popen(command.arguments, stdout=subprocess.DEVNULL, stderr=said,
                                   env={**os.environ, **command.environment})
        _, status, usage = os.wait4(process.pid, 0)
        passed = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        lines = said.read().decode(errors="replace").strip().splitlines()
    if process.returncode not in command.exits:
        why = lines[-1] if lines else "it said nothing"
        raise Missing(f"{Path(command.arguments[0]).name} ended with {process.returncode}: {why}")
    return Cost(passed, usage.ru_maxrss * 1024)


def in_turns(commands: list[Command], runs: int) -> list[float]:
    """The median seconds of each command."""
    samples = [[] for _ in commands]
    for _ in range(runs + 1):
        for times, command in zip(samples, commands):
            times.append(cost(command).seconds)
    return [statistics.median(times[1:]) for times in samples]  # The first run warms the caches.
