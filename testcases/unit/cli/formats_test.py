# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Feeds archives of every file format to the command.

    python formats_test.py COMMAND GOOD_ARCHIVE

What PyTorch 1.2 to 2.x wrote for a model without new operators differs in the record `version` alone. Format 1 is another
one, which LibTorch no longer reads, and those beyond its own it does not know yet.
"""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

READ = range(2, 11)  # By LibTorch 2.15; caffe2/serialize/versions.h tells what each one changed.
ANSWERS = {"inspect": 1, "check": 0, "repair": 0}  # The archive has an arange and a table that stay on the CPU.
OLD = "it is of file format 1, as PyTorch 1.0 and 1.1 wrote it (model.json), which LibTorch no longer reads; load it with PyTorch 1.4 and save it anew"


def with_version(good: Path, version: int, path: Path) -> Path:
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            if "/.data/" in name or name.endswith("byteorder"):
                continue  # These came later.
            is_version = name.endswith("/version")
            target.writestr(zipfile.ZipInfo(name), f"{version}\n" if is_version else source.read(name))
    return path


def legacy(path: Path) -> Path:
    """As PyTorch 1.0 laid it out."""
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("model/version", "1\n")
        target.writestr("model/code/model.py", "op_version_set = 0\ndef forward(self,\n    x: Tensor) -> Tensor:\n  return x\n")
        target.writestr("model/attributes.pkl", b"\x80\x02(.")
        target.writestr("model/model.json", '{"protoVersion":"6","mainModule":{"torchscriptArena":{"key":"code/model.py"},"name":"model"}}')
    return path


class Test:
    def __init__(self, command: str, folder: Path):
        self.command, self.folder, self.failures = command, folder, 0

    def run(self, archive: Path, command: str) -> subprocess.CompletedProcess:
        words = [self.command, command, str(archive)]
        words += [] if command == "inspect" else ["--input", "float32[2,3]", "--devices", "cpu,sim:0" if command == "repair" else "cpu"]
        words += ["-o", str(self.folder / "fixed.pt")] if command == "repair" else []
        return subprocess.run(words, capture_output=True, text=True, check=False)

    def expect(self, what: str, is_so: bool, result: subprocess.CompletedProcess) -> None:
        if not is_so:
            self.failures += 1
            print(f"{what}: exit {result.returncode}\n{result.stdout}{result.stderr}")

    def reads(self, archive: Path, version: int) -> None:
        for command, exit_code in ANSWERS.items():
            result = self.run(archive, command)
            self.expect(f"{command} of format {version}", result.returncode == exit_code and not result.stderr, result)

    def refuses(self, archive: Path, version: int, why: str) -> None:
        for command in ANSWERS:
            result = self.run(archive, command)
            line = f"crosstrace: cannot read archive {archive}: {why}"
            is_so = result.returncode == 2 and result.stderr.startswith(line) and result.stderr.count("\n") == 1
            self.expect(f"{command} of format {version}", is_so, result)


def main() -> int:
    command, good = sys.argv[1], Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        test = Test(command, Path(folder))
        path = Path(folder) / "model.pt"
        for version in READ:
            test.reads(with_version(good, version, path), version)
        test.refuses(legacy(path), 1, OLD)
        test.refuses(with_version(good, 99, path), 99, "it is of file format 99, and LibTorch ")
        print(f"{len(READ)} formats read, 2 refused, {test.failures} failures")
        return int(test.failures > 0)


if __name__ == "__main__":
    sys.exit(main())
