# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Runs a script that exports a model, for one device, before the tests that load what it writes.

    python3 run_export.py SCRIPT DEVICE OUTPUT

runs `SCRIPT --device DEVICE --output OUTPUT` with the same Python. Afterwards OUTPUT is what this run of the script wrote, or is
not there: then OUTPUT.skipped holds why, if the script ended with 77, which skips; its last line is taken for the reason.

Exit: 0 if OUTPUT was written; 77 if the script skipped and said why; else 1, after one line that says what is wrong.
"""

import os
import pathlib
import signal
import subprocess
import sys

SKIPPED = 77


def visible_gpus(environment):
    """CUDA_VISIBLE_DEVICES for the GPUs that CTest gave to this test, as CrossTrace's programs do it; None: leave it."""
    count = int(environment.get("CTEST_RESOURCE_GROUP_COUNT", "0"))
    groups = [environment.get(f"CTEST_RESOURCE_GROUP_{i}_GPUS", "") for i in range(count)]
    resources = [resource for group in groups for resource in group.split(";") if resource]
    visible = environment.get("CUDA_VISIBLE_DEVICES")
    if not resources or (visible is not None and (visible == "" or visible.startswith("-"))):
        return None
    shown = []
    for resource in resources:
        number = resource.split(",")[0].removeprefix("id:")
        words = visible.split(",") if visible is not None else None
        if not number.isdecimal() or (words and int(number) >= len(words)):
            sys.exit(f"CTest gave this test '{resource}' of the resource gpus, which is no GPU that is visible here")
        word = words[int(number)] if words else number
        if word not in shown:
            shown.append(word)
    return ",".join(shown)


def run(script, device, output):
    """The exit code of the script, whose lines are passed on, and the last one that is not empty."""
    environment = dict(os.environ)
    gpus = visible_gpus(environment)
    if gpus is not None:
        environment["CUDA_VISIBLE_DEVICES"] = gpus
    last = ""
    command = [sys.executable, script, "--device", device, "--output", str(output)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                          env=environment) as process:
        for line in process.stdout:
            print(line, end="", flush=True)
            last = line.strip() or last
    return process.returncode, last


def why_failed(script, device, output, code, reason):
    """What is wrong with this run, if anything is."""
    name = f"{pathlib.Path(script).name} --device {device}"
    if code < 0:
        return f"{name} died of {signal.Signals(-code).name}"
    if code == SKIPPED:
        return "" if reason else f"{name} ended with 77, which skips, and did not say why: it must print a line"
    if code != 0:
        return f"{name} ended with {code}"
    if not output.exists() or output.stat().st_size == 0:
        return f"{name} ended with 0 and wrote no {output}: that is what --output names"
    return ""


def main(script, device, output):
    output = pathlib.Path(output)
    left = output.with_name(output.name + ".skipped")
    output.parent.mkdir(parents=True, exist_ok=True)
    output.unlink(missing_ok=True)
    left.unlink(missing_ok=True)
    code, reason = run(script, device, output)
    problem = why_failed(script, device, output, code, reason)
    if problem or code == SKIPPED:
        output.unlink(missing_ok=True)  # Perhaps half of it was written.
    if problem:
        sys.exit(problem)
    if code == SKIPPED:
        left.write_text(reason + "\n", encoding="utf-8")
    return code


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: run_export.py SCRIPT DEVICE OUTPUT")
    sys.exit(main(*sys.argv[1:]))
