# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Writes the archives that check_archives.py checks: models of torchvision with random weights, and an LSTM.

    python export_archives.py FOLDER

Needs torch and torchvision as pip installs them; downloads nothing.
"""

import sys
import warnings
from pathlib import Path

import torch
import torchvision

IMAGE = torch.zeros(1, 3, 224, 224)
MODELS = ["resnet18", "mobilenet_v3_small", "vit_b_16", "swin_t"]


class Recurrent(torch.nn.Module):
    """Its initial hidden state is made by torch.nn.LSTM, on the device of the input: a literal in the trace."""

    def __init__(self):
        super().__init__()
        self.lstm = torch.nn.LSTM(8, 16, batch_first=True)

    def forward(self, x):
        return self.lstm(x)[0]


def export(folder: Path) -> None:
    torch.manual_seed(0)
    for name in MODELS:
        model = torchvision.models.get_model(name, weights=None).eval()
        for parameter in model.parameters():
            if not parameter.any():  # A head of zeros answers zero to everything, which proves nothing.
                torch.nn.init.normal_(parameter, std=0.02)
        torch.jit.script(model).save(folder / f"{name}_scripted.pt")
        torch.jit.trace(model, IMAGE).save(folder / f"{name}_traced.pt")
    torch.jit.trace(Recurrent().eval(), torch.zeros(2, 5, 8)).save(folder / "lstm_traced.pt")


if __name__ == "__main__":
    warnings.filterwarnings("ignore")  # torch says at each call that TorchScript is deprecated.
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    with torch.no_grad():
        export(target)
