# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Writes the archives that check_libraries.py checks: scripts and traces of models of real libraries, with random weights.

    python export_libraries.py FOLDER [PART]

PART limits it to names with that in them. Needs torch; of the libraries what pip has installed; downloads nothing. Writes
`libraries.json` beside them: the arguments of each, and what the libraries themselves could not export.
"""

import json
import re
import sys
import warnings
from pathlib import Path

import torch
from library_models import models

SPEC = re.compile(r"(\w+)\[([\d,]*)\](?:=(-?[\d.]+)\.\.(-?[\d.]+))?$")


def draw(spec: str):
    """What the command draws for the SPEC, as far as kinds go."""
    if spec.startswith("list("):
        return [draw(spec[5:-1])]
    dtype, sizes, low, high = SPEC.match(spec).groups()
    shape = [int(size) for size in sizes.split(",") if size]
    if dtype == "int64":
        return torch.randint(int(low), int(high) + 1, shape)
    return torch.randn(shape) if low is None else torch.rand(shape) * (float(high) - float(low)) + float(low)


def with_answers(model: torch.nn.Module) -> torch.nn.Module:
    """A head of zeros answers zero to everything; layer scales of nearly zero hide what is behind them."""
    for name, parameter in model.named_parameters():
        if parameter.is_floating_point() and not parameter.any():
            torch.nn.init.normal_(parameter, std=0.02)
        if name.endswith(("gamma", "gamma1", "gamma2", "gamma3", "ls1", "ls2", "layer_scale", "lambda1")):
            torch.nn.init.ones_(parameter)
    return model.eval()


def export(make, kind: str, specs: list[str], path: Path) -> None:
    torch.manual_seed(0)
    model = make()
    model = with_answers(model) if isinstance(model, torch.nn.Module) else model
    if kind == "s":
        torch.jit.script(model).save(str(path))
    else:
        torch.jit.trace(model, tuple(draw(spec) for spec in specs), check_trace=False, strict=False).save(str(path))


def main(folder: Path, part: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    inputs, refused = {}, {}
    for name, kinds, make, specs in models():
        for kind in kinds if part in name else "":
            archive = f"{name}.{'script' if kind == 's' else 'trace'}"
            try:
                export(make, kind, specs, folder / f"{archive}.pt")
                inputs[archive] = specs
            except Exception as error:  # Of any library, of any kind: what it cannot export is no archive.
                refused[archive] = str(error).strip().split("\n", 1)[0]
                print(f"{archive} cannot be exported: {refused[archive][:160]}", flush=True)
    (folder / "libraries.json").write_text(json.dumps({"inputs": inputs, "refused": refused}, indent=1))
    print(f"{len(inputs)} archives, {len(refused)} refused by their libraries")


if __name__ == "__main__":
    warnings.filterwarnings("ignore")  # torch says at each call that TorchScript is deprecated.
    with torch.no_grad():
        main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "")
