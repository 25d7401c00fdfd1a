# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Exports to measure with, and what their authors would write in Python instead of using CrossTrace."""

import subprocess
from pathlib import Path

from benchmark.measure import Missing

# What MODELS is evaluated with. A trace of an LSTM would carry the device of its first state.
PRELUDE = """
import torch, torchvision
class Recurrent(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = torch.nn.LSTM(64, 128, 2)

    def forward(self, x):
        return self.lstm(x)[0]
torch.manual_seed(0)
"""

# How Python exports each model, and the shape of its input. The tracer checks itself without gradients, for which attention has
# operators of its own; it would then say that the graphs differ.
MODELS = {
    "resnet18": ("torch.jit.trace(torchvision.models.resnet18().eval(), x)", "1,3,224,224"),
    "resnet50": ("torch.jit.trace(torchvision.models.resnet50().eval(), x)", "1,3,224,224"),
    "vit_b_16": ("torch.jit.trace(torchvision.models.vit_b_16().eval(), x, check_trace=False)", "1,3,224,224"),
    "lstm": ("torch.jit.script(Recurrent().eval())", "32,8,64"),
    "1GiB": ("torch.jit.trace(torch.nn.Linear(16384, 16384).eval(), x)", "1,16384"),
    "SimpleModel": ("torch.jit.trace(torch.nn.Linear(10, 5).eval(), x)", "7,10"),
}

# Load, move and load again, three calls each, everything compared: what `check --transfer to load` does.
SCRIPT = """
import sys, torch
path, shape, *devices = sys.argv[1:]
torch.backends.cudnn.allow_tf32 = False
torch.manual_seed(0)
x = torch.rand([int(size) for size in shape.split(",")])
with torch.no_grad():
    expected = torch.jit.load(path, map_location="cpu").eval()(x)
    for device in devices:
        moved = torch.jit.load(path, map_location="cpu").to(device)
        loaded = torch.jit.load(path, map_location=device)
        for module in (moved, loaded):
            module.eval()
            for _ in range(3):
                torch.testing.assert_close(module(x.to(device)).cpu(), expected)
"""

# The matrix of SimpleModel as far as Python goes: it has the CPU alone.
TESTS = """
import io, pytest, torch
@pytest.mark.parametrize("size", [1, 7, 0])
@pytest.mark.parametrize("transfer", ["as_traced", "to", "load"])
@pytest.mark.parametrize("export", ["trace", "script"])
def test_matches(size, transfer, export):
    torch.manual_seed(0)
    model, x = torch.nn.Linear(10, 5).eval(), torch.randn(size, 10)
    module = torch.jit.trace(model, x) if export == "trace" else torch.jit.script(model)
    if transfer == "to":
        module.to("cpu")
    if transfer == "load":
        file = io.BytesIO()
        torch.jit.save(module, file)
        file.seek(0)
        module = torch.jit.load(file, map_location="cpu")
    for _ in range(3):
        torch.testing.assert_close(module(x), model(x))
"""


class Exports:
    """Archives in `folder`, each made by `python` when it is first asked for."""

    def __init__(self, python: Path | None, folder: Path):
        self.python, self.folder = python, folder

    def interpreter(self) -> str:
        if self.python is None:
            raise Missing("no Python with torch and torchvision: name one with --python, or leave --build out")
        return str(self.python)

    def archive(self, model: str) -> tuple[str, str]:
        """The path of an export with random weights, and the shape of its input."""
        expression, shape = MODELS[model]
        path = self.folder / f"{model}.pt"
        if not path.exists():
            script = self.file(f"{model}.py", f"{PRELUDE}x = torch.rand({shape})\n{expression}.save({str(path)!r})\n")
            if subprocess.run([self.interpreter(), "-W", "ignore", script], check=False).returncode != 0:
                raise Missing(f"{self.python} cannot make {expression}")
        return str(path), shape

    def file(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text)
        return str(path)
