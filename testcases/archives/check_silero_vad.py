# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Checks the archive that the package silero-vad carries: a stateful model of recurrent layers.

    python check_silero_vad.py COMMAND    # exit 77 if the package is not there
"""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path


def main() -> int:
    package = importlib.util.find_spec("silero_vad")
    if package is None:
        print("skipped: this Python has no silero-vad")
        return 77
    archive = Path(package.origin).parent / "data" / "silero_vad.jit"
    inspected = subprocess.run([sys.argv[1], "inspect", str(archive), "--json", "-"], capture_output=True, text=True, check=False)
    words = [sys.argv[1], "check", str(archive), "--input", "float32[1,512]", "--input", "16000"]
    checked = subprocess.run(words + ["--devices", "cpu,sim:0", "--json", "-"], capture_output=True, text=True, check=False)
    print(inspected.stderr, checked.stderr)
    rules = {finding["rule"] for finding in json.loads(inspected.stdout)["findings"]}
    summary = json.loads(checked.stdout)["summary"]
    print(f"inspect: exit {inspected.returncode}, {sorted(rules)}; check: exit {checked.returncode}, {summary}")
    return int(checked.returncode != 0 or summary["passed"] != 5 or "unsafe-operator" in rules)


if __name__ == "__main__":
    sys.exit(main())
