# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Lines that a program of testcases/benchmarks measures in itself: comparison, calls, cells, diagnosis."""

import subprocess
from collections.abc import Iterator

from benchmark.measure import Command, Missing, in_turns, line, missing


def output_of(command: list[str]) -> str:
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if run.returncode != 0:
        said = (run.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise Missing(f"{command[0].rsplit('/', 1)[-1]} ended with {run.returncode}: {said}")
    return run.stdout


def compare(bench, names: list[str]) -> Iterator[dict]:
    for on_device in (False, True):
        wanted = [name for name in names if name.startswith("compare.cuda.") == on_device]
        if not wanted:
            continue
        device = [bench.device] if on_device else []
        output = output_of([bench.program("testcases/compare_benchmark"), str(bench.runs), *device])
        for row in output.splitlines():
            name, value, baseline, against = row.split("\t")
            if name in wanted:
                yield line(name, float(value), "ms", against, float(baseline))


def pair(bench, name: str, against: str, program: str, *arguments: str) -> dict:
    """Of a program that prints two times, ours and the other."""
    value, baseline = map(float, output_of([bench.program(f"testcases/{program}"), *arguments, str(3 * bench.runs)]).split())
    return line(name, value, "ms", against, baseline)


def sim(bench, names: list[str]) -> Iterator[dict]:
    for name in names:
        try:
            archive = bench.exports.archive(name.split(".")[1])
            yield pair(bench, name, "the same forward on the CPU", "sim_benchmark", *archive)
        except Missing as error:
            yield missing(name, str(error))


def cell(bench, names: list[str]) -> Iterator[dict]:
    for name in names:
        yield pair(bench, name, "a bare loop of the same traces, moves, loads and calls", "cell_benchmark", name.split(".")[1])


def growth(bench, names: list[str]) -> Iterator[dict]:
    def run(models: int) -> tuple[float, float]:
        milliseconds, mebibytes = map(float, output_of([bench.program("testcases/growth_benchmark"), str(models)]).split())
        return milliseconds / models, mebibytes
    one = run(1)
    for name in names:
        _, what, models = name.split(".")
        measured = run(int(models))
        if what == "time":
            yield line(name, measured[0], "ms", "a model of a run of 1", one[0])
        else:
            yield line(name, measured[1], "MiB", "the peak of a run of 1 model", one[1])


def diagnose(bench, names: list[str]) -> Iterator[dict]:
    value, = in_turns([Command([bench.program("testcases/diagnose_benchmark"), "100000"])], 1)
    yield line(names[0], value, "s", None, None)
