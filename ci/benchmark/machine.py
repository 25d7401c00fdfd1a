# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""What ci/bench measures with: a virtual environment with pip's torch, and an optimised build against that LibTorch."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ["compare_benchmark", "diagnose_benchmark", "sim_benchmark", "growth_benchmark", "cell_benchmark",
            "crosstrace_archive_tool", "crosstrace_command", "seed_models"]


def make_venv() -> Path:
    """Its Python; made if it is not there, whole or not at all."""
    version = re.search(r'CROSSTRACE_FETCH_TORCH_VERSION "([^"]+)"', (ROOT / "CMakeLists.txt").read_text()).group(1)
    folder = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "crosstrace" / f"bench-{version}"
    if not (folder / "complete").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        pip = [str(folder / "bin" / "pip"), "install", "--quiet", f"torch=={version}", "torchvision", "numpy", "pytest"]
        subprocess.run(pip, check=True)
        (folder / "complete").touch()
    return folder / "bin" / "python"


def build(folder: Path, python: Path) -> None:
    if not (folder / "CMakeCache.txt").exists():
        where = "import os, torch; print(os.path.dirname(torch.__file__))"
        torch = subprocess.run([str(python), "-c", where], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
        subprocess.run(["cmake", "-S", str(ROOT), "-B", str(folder), "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", f"-DTorch_DIR={torch}"],
                       check=True)
    subprocess.run(["cmake", "--build", str(folder), "--target", *PROGRAMS], cwd=ROOT, check=True)
