# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Checks the archives of export_archives.py with the command and compares verdicts with what is true of them.

    python check_archives.py COMMAND FOLDER

Prints a line for each archive; exits with 1 if a verdict is not the expected one.
"""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

IMAGE = "float32[1,3,224,224]"
DEVICES = "cpu,sim:0,sim:1"
MOVES = {"match": 7}  # Three transfers on the CPU, two on each simulated device.
# Its initial hidden state is baked for the CPU: `to` and `load` onto another device fail.
BAKED = {"match": 3, "error": 4}

EXPECTED = {
    f"{model}_{kind}": (IMAGE, MOVES)
    for model in ("resnet18", "mobilenet_v3_small", "vit_b_16", "swin_t")
    for kind in ("scripted", "traced")
} | {"lstm_traced": ("float32[2,5,8]", BAKED)}


def verdicts(command: str, archive: Path, spec: str) -> Counter:
    arguments = [command, "check", archive, "--input", spec, "--devices", DEVICES, "--json", "-"]
    report = json.loads(subprocess.run(arguments, stdout=subprocess.PIPE, check=False).stdout)
    for cell in report["cells"]:
        if cell["verdict"] != "match":
            print(f"  {cell['transfer']} on {cell['run_device']}: {cell['verdict']}: {cell['message'].splitlines()[0]}")
    return Counter(cell["verdict"] for cell in report["cells"])


def main(command: str, folder: str) -> int:
    wrong = 0
    for name, (spec, expected) in EXPECTED.items():
        found = verdicts(command, Path(folder) / f"{name}.pt", spec)
        wrong += found != expected
        print(f"{name}: {dict(found)}, expected {expected}", flush=True)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
