# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Runs this build's seed tests in parts, as GitHub's machines do, and makes one report of them.

    python parts_test.py ROOT BUILD COMMAND

Exits with 1 and says what is wrong.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

root, build, command = map(Path, sys.argv[1:])
problems = []


def run(script: str, *arguments, machine: str = "one") -> subprocess.CompletedProcess:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("CROSSTRACE_", "GITHUB_", "CTEST_"))}
    environment |= {"RUNNER_NAME": machine, "CUDA_VISIBLE_DEVICES": ""}
    return subprocess.run([root / "ci" / script, *map(str, arguments)], env=environment, capture_output=True, text=True, check=False)


def expect(what: str, is_so: bool, done: subprocess.CompletedProcess | None = None) -> None:
    if not is_so:
        problems.append(what + (f": exit {done.returncode}\n{done.stdout}{done.stderr}" if done else ""))


def part(reports: Path, shard: str, machine: str) -> None:
    done = run("run-tests", build, reports, "--shard", shard, "--devices", "cpu,sim", "--", "--tests-regex", "^seed_models\\.", machine=machine)
    expect(f"part {shard}", done.returncode == 0, done)


def merge(reports: Path, out: Path, *arguments) -> subprocess.CompletedProcess:
    return run("merge-reports", command, reports, out, "--parts", '["1-of-2", "2-of-2"]', *arguments)


def cells_of(path: Path) -> list[dict]:
    return json.loads(path.read_text())["cells"]


def main(folder: Path) -> None:
    reports, out = folder / "reports", folder / "out"
    part(reports / "first", "1-of-2", "one")
    part(reports / "second", "2-of-2", "two")
    done = merge(reports, out)
    expect("merge", done.returncode == 0, done)
    files = sorted(reports.rglob("*.json"))
    expect(f"each entry leaves a report, found {len(files)}", len(files) >= 6)
    whole, parts = cells_of(out / "report.json"), [cell for file in files for cell in cells_of(file)]
    expect(f"{len(parts)} cells became {len(whole)}", len(whole) == len(parts) >= 100)
    expect("all formats", all((out / f"report.{kind}").stat().st_size > 0 for kind in ("html", "xml", "sarif")))

    shutil.copytree(reports / "first", reports / "again")
    for file in (reports / "again").glob("*.json"):
        file.write_text(file.read_text().replace('"machine": "one"', '"machine": "three"'))
    machines = {cell.get("machine") for cell in cells_of(out / "report.json")} if merge(reports, out).returncode == 0 else set()
    expect(f"machines that ran the same are told apart, found {machines}", {"one", "three"} <= machines)
    shutil.rmtree(reports / "again")

    merge(reports, out)
    ledger = folder / "ledger.json"
    shutil.copy(out / "report.json", ledger)
    done = merge(reports, out, "--ledger", ledger)
    expect("the ledger's cells are there", done.returncode == 0, done)
    next(reports.rglob("seed_models.ComplexModel.*.json")).unlink()
    done = merge(reports, out, "--ledger", ledger)
    expect("a report that is gone", done.returncode == 1 and "\ngone: " in done.stdout, done)
    (reports / "second/shard-2-of-2").unlink()
    done = merge(reports, out)
    expect("a part that is gone", done.returncode == 1 and "part 2-of-2 of the tests is missing\n" in done.stderr, done)
    done = run("run-tests", build, reports, "--shard", "3-of-2")
    expect("a part that there is not", done.returncode == 2 and done.stderr == "ci/run-tests: --shard 3-of-2: there are 2\n", done)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        main(Path(scratch))
    print("\n".join(problems) or "all parts are there")
    sys.exit(int(bool(problems)))
