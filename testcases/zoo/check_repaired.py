# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Loads what the zoo repaired in Python's torch, where it must answer to the last bit as the original does.

    python check_repaired.py FOLDER

The folder holds NAME.original.pt, NAME.repaired.pt and NAME.inputs.pt. Prints a line for each; exits with 1 if one
differs, or if there is nothing to look at.
"""

import sys
import warnings
from pathlib import Path

import torch


def same(a, b) -> bool:
    if isinstance(a, torch.Tensor):
        return a.dtype == b.dtype and a.shape == b.shape and torch.equal(a, b)
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


def answers(archive: Path, inputs) -> list:
    module = torch.jit.load(archive).eval()
    with torch.no_grad():
        made = []
        for _ in range(3):  # The second and third call run optimised.
            torch.manual_seed(0)
            made.append(module(*inputs))
    return made


def main(folder: str) -> int:
    repaired = sorted(Path(folder).glob("*.repaired.pt"))
    wrong = 0
    for archive in repaired:
        stem = archive.name.removesuffix(".repaired.pt")
        inputs = torch.load(archive.with_name(f"{stem}.inputs.pt"), weights_only=False)  # Written by the zoo itself.
        before = answers(archive.with_name(f"{stem}.original.pt"), inputs)
        is_same = same(answers(archive, inputs), before)
        wrong += not is_same
        print(f"{stem}: {'same' if is_same else 'differs'}", flush=True)
    print(f"{len(repaired)} repaired archives, {wrong} differ")
    return int(wrong > 0 or not repaired)


if __name__ == "__main__":
    warnings.filterwarnings("ignore")  # torch says at each call that TorchScript is deprecated.
    sys.exit(main(*sys.argv[1:]))
