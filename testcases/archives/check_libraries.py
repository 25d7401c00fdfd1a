# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Holds what `inspect`, `check` and `repair` say of the archives of export_libraries.py against each other.

    python check_libraries.py COMMAND FOLDER [--op-library LIB]... [--least N]

What the cells do is the truth. Prints a table by library: archives, those whose cells all match, those tied to a device that
inspect said so of and repair mended; and by name every false alarm (an error or a warning about devices, yet all cells match), miss
(a cell fails of devices, yet none), failing cell without a cause, exit 2, and repair that was promised and not made. Exits with 1 if
one of them is not explained in EXPLAINED, or if there are fewer archives than N.
"""

import argparse
import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

DEVICES = ["--devices", "cpu,sim:0"]

# (kind, pattern of archives): why it is so.
EXPLAINED = {
    ("exit 2", r"torchvision_(fasterrcnn|retinanet|fcos|maskrcnn|keypointrcnn|ssdlite).*"): "torchvision's operators want --op-library",
    ("unpromised", r".*"): "inspect says that its author must do it",
}


class Findings:
    """Of one archive: each a kind and a text."""

    def __init__(self):
        self.all = []

    def add(self, kind: str, text: str):
        self.all.append((kind, text))


def run(command: list[str]) -> tuple[int, str, str]:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr.strip()


def is_device_matter(finding: dict) -> bool:
    return finding["severity"] != "note" and finding["rule"] != "random"


def judge_cells(cells: list[dict], alarms: list[dict], found: Findings) -> str:
    """What the archive is: `portable`, `tied` to a device, `untrusted`, or it `fails` of something else."""
    verdicts = Counter(cell["verdict"] for cell in cells)
    failing = [cell for cell in cells if cell["verdict"] not in ("match", "skipped", "untrusted")]
    for cell in failing:
        if not cell["causes"]:
            line = cell["message"].splitlines()[0]
            found.add("no cause", f"{cell['transfer']} on {cell['run_device']}: {cell['verdict']}: {line[:110]}")
    at_home = [cell for cell in failing if cell["run_device"] == "cpu"]
    elsewhere = [cell for cell in failing if cell["run_device"] != "cpu"]
    if at_home:
        return "fails"  # Of something that has nothing to do with devices.
    if elsewhere and not alarms and any(cell["verdict"] in ("error", "wrong_device", "crashed") for cell in elsewhere):
        found.add("miss", elsewhere[0]["message"].splitlines()[0][:110])
    if not failing and alarms and not verdicts["untrusted"]:
        found.add("false alarm", f"{alarms[0]['rule']} {alarms[0]['operator']}: {alarms[0]['message'][:90]}")
    return "untrusted" if verdicts["untrusted"] else "tied" if elsewhere else "portable"


def judge_repair(arguments, archive: Path, inputs: list[str], alarms: list[dict], found: Findings) -> bool:
    target = archive.with_suffix(".repaired")
    status, out, error = run([arguments.command, "repair", str(archive), "-o", str(target), *DEVICES, *inputs, *arguments.libraries])
    target.unlink(missing_ok=True)
    last = (error or out).strip().splitlines()[-1] if (error or out).strip() else ""
    promised = all(alarm["repair"] == "automatic" for alarm in alarms)
    if status != 0:
        found.add("promise" if promised else "unpromised", f"exit {status}: {last[:110]}")
    return status == 0


def judge(arguments, archive: Path, specs: list[str], found: Findings) -> Counter:
    row = Counter(archives=1)
    inputs = [text for spec in specs for text in ("--input", spec)]
    status, out, error = run([arguments.command, "inspect", str(archive), "--json", "-", *arguments.libraries])
    if status == 2:
        found.add("exit 2", "inspect: " + error[:150])
        return row
    alarms = [finding for finding in json.loads(out)["findings"] if is_device_matter(finding)]
    status, out, error = run([arguments.command, "check", str(archive), "--json", "-", *DEVICES, *inputs, *arguments.libraries])
    if status == 2:
        found.add("exit 2", "check: " + error[:150])
        return row
    report = json.loads(out)
    kind = judge_cells(report["cells"], alarms, found)
    in_check = [finding for finding in report["findings"] if is_device_matter(finding)]
    if len(in_check) < len(alarms):
        found.add("disagree", f"inspect has {len(alarms)} findings above a note, check {len(in_check)}")
    row[kind] += 1
    if kind == "tied" and alarms:
        row["said"] += 1
        row["repaired"] += judge_repair(arguments, archive, inputs, alarms, found)
    return row


def explanation(kind: str, name: str) -> str | None:
    for (of_kind, pattern), why in EXPLAINED.items():
        if of_kind == kind and re.fullmatch(pattern, name):
            return why
    return None


def print_table(rows: dict[str, Counter]) -> None:
    columns = ["archives", "portable", "tied", "said", "repaired", "fails", "untrusted"]
    print(f"{'':16}" + "".join(f"{column:>10}" for column in columns))
    for library, row in [*sorted(rows.items()), ("all", sum(rows.values(), Counter()))]:
        print(f"{library:16}" + "".join(f"{row[column]:>10}" for column in columns))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("command")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--op-library", action="append", default=[])
    parser.add_argument("--least", type=int, default=150)
    arguments = parser.parse_args()
    arguments.libraries = [text for library in arguments.op_library for text in ("--op-library", library)]
    rows, unexplained = defaultdict(Counter), 0
    for name, specs in json.loads((arguments.folder / "libraries.json").read_text())["inputs"].items():
        found = Findings()
        library = "torch_geometric" if name.startswith("torch_geometric") else name.split("_", 1)[0]
        rows[library] += judge(arguments, arguments.folder / f"{name}.pt", specs, found)
        for kind, text in found.all:
            why = explanation(kind, name)
            unexplained += why is None
            print(f"{kind}: {name}: {text}" + (f" ({why})" if why else ""), flush=True)
    print_table(rows)
    total = sum(row["archives"] for row in rows.values())
    print(f"{unexplained} not explained")
    if total < arguments.least:
        print(f"{total} archives, and {arguments.least} at the least are wanted")
    return int(unexplained > 0 or total < arguments.least)


if __name__ == "__main__":
    sys.exit(main())
