# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Holds GitHub's workflows and the action to the published schemas, and runs each of their `run:` steps.

    python workflows_test.py ROOT

ROOT is the top of the tree. The steps run in a copy of its scripts, one after the other as the jobs need each other, where cmake,
ctest, nvidia-smi and what a build makes only write down how they were called. Exits with 1 and says what is wrong, with 77 if
there is no validator.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import yaml
    from jsonschema import Draft7Validator
except ImportError as error:
    print(f"skipped: {sys.executable}: {error}; install python3-jsonschema and python3-yaml")
    sys.exit(77)

SCHEMAS = Path(__file__).parent / "schema"
RUN_BY_PEOPLE = {"ci/test"}  # What runs this test.
INPUTS = {
    "source": "project", "build": "build/gpu", "options": "-G Ninja", "devices": "", "require": "cuda", "shard": "1-of-2", "tests": "^seed",
    "command": "build/gpu/crosstrace", "shards": '["1-of-2"]', "ledger": "", "artifact": "",
}
EXPECTED = """\
cmake -S . -B build/package -G Ninja -DCMAKE_BUILD_TYPE=Release -DCROSSTRACE_TESTS=OFF
cmake --build build/package
cpack --config build/package/CPackConfig.cmake -G TGZ;DEB -B SANDBOX/packages
cmake --preset dev -B build/sanitize -DCMAKE_CXX_FLAGS=-fsanitize=address,undefined -fno-sanitize=vptr \
-fno-sanitize-recover=undefined -fno-omit-frame-pointer
cmake --build build/sanitize --target unit_base unit_compare unit_archive unit_graph unit_models unit_report
ctest --test-dir build/sanitize --output-on-failure --no-tests=error --tests-regex \
^(unit_base|unit_compare|unit_archive|unit_graph|unit_models|unit_report)$
cmake -S . -B build/gpu -G Ninja
cmake --build build/gpu --parallel
nvidia-smi
cmake -S project -B build/gpu -G Ninja
cmake --build build/gpu --parallel
ctest --test-dir build/gpu --output-on-failure --no-tests=error --tests-information 1,,2 --tests-regex ^seed
crosstrace report merge crosstrace-report/report.json crosstrace-reports --html crosstrace-report/report.html --junit \
crosstrace-report/report.xml --sarif crosstrace-report/report.sarif --github
crosstrace report merge crosstrace-report/report.json crosstrace-reports --html crosstrace-report/report.html --junit \
crosstrace-report/report.xml --sarif crosstrace-report/report.sarif --github
"""
STUB = """\
#!/bin/sh
echo "$(basename "$0") $*" | sed 's/ *$//' >> "$CALLS"
"""
BUILDS = '[ "$1" != --build ] || { cp "$STUBS/crosstrace" "$2/"; touch "$2/CTestTestfile.cmake"; }\n[ "$1" != -S ] || mkdir -p "$4"\n'


def errors_of(kind: str, document: dict) -> list[str]:
    validator = Draft7Validator(json.loads((SCHEMAS / f"github-{kind}.json").read_text()))
    return ["/".join(map(str, error.absolute_path)) + ": " + error.message for error in validator.iter_errors(document)]


def load(path: Path) -> dict:
    # YAML 1.1 takes `on` for a truth value.
    return {"on" if key is True else key: value for key, value in yaml.safe_load(path.read_text()).items()}


def steps_of(document: dict) -> list[dict]:
    if "runs" in document:
        return document["runs"]["steps"]
    return [step for job in document["jobs"].values() for step in job.get("steps", [])]


class Sandbox:
    """The scripts of the tree, and commands that only tell how they were called."""

    def __init__(self, root: Path, folder: Path):
        self.folder, self.calls = folder, folder / "calls"
        shutil.copytree(root / "ci", folder / "ci")
        shutil.copytree(root / ".github", folder / ".github")
        (folder / "ci/setup").write_text("#!/bin/sh\n")
        stubs = folder / "stubs"
        stubs.mkdir()
        for name in ("cmake", "ctest", "cpack", "dpkg-shlibdeps", "nvidia-smi", "crosstrace"):
            (stubs / name).write_text(STUB + (BUILDS if name == "cmake" else ""))
            (stubs / name).chmod(0o755)
        (stubs / "sudo").write_text('#!/bin/sh\nexec "$@"\n')
        (stubs / "sudo").chmod(0o755)
        self.environment = os.environ | {
            "PATH": f"{stubs}:{os.environ['PATH']}", "CALLS": str(self.calls), "STUBS": str(stubs), "GITHUB_ACTION_PATH": str(folder / "ci"),
            "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        }

    def run(self, step: dict) -> str | None:
        """Why the step is wrong."""
        command = step["run"]
        if "${{" in command:
            return f"'{command}' has an expression in it, which anyone who can choose its value can make a command of; use env"
        values = {key: self.value(text) for key, text in step.get("env", {}).items()}
        done = subprocess.run(
            ["bash", "-e", "-c", command], cwd=self.folder, env=self.environment | values, capture_output=True, text=True, check=False
        )
        return None if done.returncode == 0 else f"'{command}' ended with {done.returncode}: {done.stderr.strip()}"

    @staticmethod
    def value(text: str) -> str:
        return re.sub(r"\$\{\{ (?:inputs|matrix)\.(\w+) \}\}", lambda match: INPUTS[match[1]], text)


def jobs_without_packages(workflow: dict) -> list[str]:
    """Those that run our scripts where nobody is root, and do not begin with what the scripts need from the system."""
    wrong = []
    for name, job in workflow.get("jobs", {}).items():
        runs = [step["run"] for step in job.get("steps", []) if "run" in step]
        if "container" not in job and any(run.startswith("ci/") for run in runs) and runs[0] != "sudo ci/setup":
            wrong.append(name)
    return wrong


def main(root: Path) -> int:
    problems = []
    for kind in ("workflows", "actions"):
        if not errors_of(kind, {}):
            problems.append(f"the validator of {kind} accepts an empty object")
    documents = [("workflows", path) for path in sorted((root / ".github/workflows").glob("*.yml"))]
    documents += [("actions", root / "ci/action.yml")]
    documents += [("workflows", path) for path in sorted(root.glob("testcases/consumer/*/.github/workflows/*.yml"))]
    gpu = load(root / ".github/workflows/gpu.yml")
    for kind, path in documents:
        problems += [f"{path}: {error}" for error in errors_of(kind, load(path))]
        problems += [f"{path}: the job {job} does not begin with sudo ci/setup" for job in jobs_without_packages(load(path))]
    with tempfile.TemporaryDirectory() as folder:
        sandbox = Sandbox(root, Path(folder))
        known = [step["run"] for _, path in documents for step in steps_of(load(path)) if "run" in step]
        # The action is a step between those that build and those that report.
        jobs = gpu["jobs"]
        steps = [step for step in steps_of(load(root / ".github/workflows/ci.yml")) if step.get("run") not in RUN_BY_PEOPLE]
        steps += jobs["build"]["steps"] + jobs["test"]["steps"] + steps_of(load(root / "ci/action.yml")) + jobs["report"]["steps"]
        ran = [step["run"] for step in steps if "run" in step]
        problems += [problem for step in steps if "run" in step and (problem := sandbox.run(step))]
        problems += [f"'{command}' is run by no test" for command in known if command not in ran and command not in RUN_BY_PEOPLE]
        calls = sandbox.calls.read_text().replace(os.path.realpath(folder), "SANDBOX")
        if calls != EXPECTED:
            problems.append(f"called\n{calls}instead of\n{EXPECTED}")
        print(f"{len(documents)} files, {len(ran)} steps")
    for problem in problems:
        print(problem)
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
