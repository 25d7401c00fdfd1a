# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Writes the archives of this folder, as people who are strangers to their readers may send them.

    python export_strangers.py    # with torch 2.x; they lie here so that tests need no Python with torch
"""

import sys
import tempfile
from pathlib import Path
from typing import Tuple

import torch
from torch import nn
from torch.ao import quantization
from torch.ao.quantization.quantize_fx import convert_fx, prepare_fx

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parents[2] / "zoo"))
import export_zoo  # noqa: E402  It writes archives without the paths of a machine.

export_zoo.HERE = FOLDER


class Prints(nn.Module):
    """What it holds is right only if __setstate__ ran, or was read."""

    def __init__(self):
        super().__init__()
        self.w = torch.ones(2)

    @torch.jit.export
    def __getstate__(self) -> Tuple[torch.Tensor, bool]:
        return (self.w, self.training)

    @torch.jit.export
    def __setstate__(self, state: Tuple[torch.Tensor, bool]) -> None:
        print("RUNS", state[0].sum())
        self.w = state[0]
        self.training = state[1]

    def forward(self, x: torch.Tensor):
        return x + self.w


class Writes(Prints):
    """A model that writes a file when it is loaded."""

    @torch.jit.export
    def __setstate__(self, state: Tuple[torch.Tensor, bool]) -> None:
        torch.save(state[0], "written_by_a_model.pt")
        self.w = state[0] * 2
        self.training = state[1]


class ReadsFile(nn.Module):
    def forward(self, x: torch.Tensor):
        return x + torch.from_file("f.bin", None, 3)


class Packed(nn.Module):
    """Weights that a C++ class holds, which reads its state from a tensor."""

    def __init__(self):
        super().__init__()
        weight = torch.quantize_per_tensor(torch.randn(4, 3, 3, 3), 0.1, 0, torch.qint8)
        self.p = torch.ops.quantized.conv2d_prepack(weight, torch.zeros(4), [1, 1], [0, 0], [1, 1], 1)

    def forward(self, x: torch.Tensor):
        quantized = torch.quantize_per_tensor(x, 0.1, 0, torch.quint8)
        return torch.ops.quantized.conv2d(quantized, self.p, 0.1, 0).dequantize()


CAPTURED = torch.arange(4.0)


class Dynamic(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 4)

    def forward(self, x):
        return self.linear(x) + CAPTURED


class MayFail(nn.Module):
    """What fails for sure hides what fails first."""

    def forward(self, x: torch.Tensor, deep: bool):
        scale = 0.0
        if deep:
            scale = float(torch.mv(torch.eye(3), x).sum())
        return torch.arange(3) * scale


class Strided(nn.Module):
    def forward(self, x: torch.Tensor):
        return torch.as_strided(x, [2], [1], int(x.sum()))

    @torch.jit.export
    def fixed(self, x: torch.Tensor):
        return torch.as_strided(x, [2], [1], 0)


def frozen_convolution() -> torch.jit.ScriptModule:
    x = torch.randn(1, 3, 8, 8)
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()).eval()
    prepared = prepare_fx(model, quantization.get_default_qconfig_mapping("fbgemm"), (x,))
    prepared(x)
    return torch.jit.freeze(torch.jit.script(convert_fx(prepared)))


def main() -> None:
    torch.manual_seed(0)
    frozen = nn.Sequential(nn.Linear(4, 5), nn.LayerNorm(5), nn.Linear(5, 6)).eval()
    dynamic = quantization.quantize_dynamic(Dynamic().eval(), {nn.Linear})
    archives = {
        "prints.pt": torch.jit.script(Prints()),
        "writes.pt": torch.jit.script(Writes()),
        "reads_file.pt": torch.jit.script(ReadsFile()),
        "packed_convolution.pt": torch.jit.script(Packed()),
        "frozen_convolution.pt": frozen_convolution(),
        "frozen_linear.pt": torch.jit.freeze(torch.jit.script(frozen)),
        "dynamic_linear.pt": torch.jit.trace(dynamic, torch.randn(2, 4)),
        "may_fail.pt": torch.jit.script(MayFail()),
        "strided.pt": torch.jit.script(Strided()),
        "gru.pt": torch.jit.trace(nn.GRU(4, 5, num_layers=2, dropout=0.0), torch.randn(3, 2, 4)),
    }
    with tempfile.TemporaryDirectory() as scratch:
        for name, module in archives.items():
            saved = Path(scratch) / name
            module.save(str(saved))
            export_zoo.rewrite(saved, FOLDER / name, on_cuda=False)


if __name__ == "__main__":
    main()
