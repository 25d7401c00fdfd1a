# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Loads what was repaired of the archives made on a GPU in Python's torch, where it must answer as they did at home.

    python check_repaired.py FOLDER

The folder holds NAME.repaired.pt, NAME.inputs.pt and NAME.answers.pt. On the CPU each is called as it was saved, after `to`
and loaded with map_location. Prints a line for each; exits with 1 if one answers otherwise, or if there is nothing to look at.
"""

import sys
import warnings
from pathlib import Path

import torch

# Half and bfloat16 are rounded otherwise by another version of LibTorch.
WAYS = {
    "as_traced": torch.jit.load,
    "to": lambda file: torch.jit.load(file).to("cpu"),
    "load": lambda file: torch.jit.load(file, map_location="cpu"),
}


def difference(file: Path, load, inputs, expected) -> str:
    try:
        assert len(expected) == 3, f"{len(expected)} answers to compare with, not 3"
        module = load(file).eval()
        with torch.no_grad():
            for answer in expected:  # By call: it may have state, and the second and third run optimised.
                torch.manual_seed(0)
                torch.testing.assert_close(module(*inputs), answer, equal_nan=True)
    except (AssertionError, RuntimeError) as error:
        return str(error).strip().splitlines()[0]
    return ""


def main(folder: str) -> int:
    repaired = sorted(Path(folder).glob("*.repaired.pt"))
    wrong = 0
    for file in repaired:
        stem = file.name.removesuffix(".repaired.pt")
        inputs, expected = (
            torch.load(file.with_name(f"{stem}.{what}.pt"), weights_only=False)  # Written by the test itself.
            for what in ("inputs", "answers")
        )
        found = {way: difference(file, load, inputs, expected) for way, load in WAYS.items()}
        found = {way: text for way, text in found.items() if text}
        wrong += bool(found)
        print(f"{stem}: {'; '.join(f'{way}: {text}' for way, text in found.items()) or 'right'}", flush=True)
    print(f"{len(repaired)} repaired archives, {wrong} wrong")
    return int(wrong > 0 or not repaired)


if __name__ == "__main__":
    warnings.filterwarnings("ignore")  # torch says at each call that TorchScript is deprecated.
    sys.exit(main(*sys.argv[1:]))
