# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Writes the archives that noise_test.cpp disturbs: traces and scripts of ten models of torchvision and timm with random weights.

    python export_models.py FOLDER

Needs torch, torchvision and timm as pip installs them; downloads nothing.
"""

import sys
import warnings
from pathlib import Path

import timm
import torch
import torchvision

IMAGE = torch.zeros(1, 3, 224, 224)
TORCHVISION = ["resnet18", "mobilenet_v3_small", "shufflenet_v2_x1_0", "regnet_y_400mf", "convnext_tiny"]
TIMM = ["vit_tiny_patch16_224", "resmlp_12_224", "pvt_v2_b0", "efficientnet_lite0", "swin_tiny_patch4_window7_224"]
SCRIPTED = ["resnet18", "mobilenet_v3_small"]  # The others are traced.


def with_answers(model: torch.nn.Module) -> torch.nn.Module:
    """A head of zeros answers zero to everything; layer scales of nearly zero hide what is behind them."""
    for name, parameter in model.named_parameters():
        if not parameter.any():
            torch.nn.init.normal_(parameter, std=0.02)
        if name.endswith(("gamma", "ls1", "ls2", "layer_scale")):
            torch.nn.init.ones_(parameter)
    return model.eval()


def export(folder: Path) -> None:
    torch.manual_seed(0)
    for name in TORCHVISION + TIMM:
        create = timm.create_model if name in TIMM else torchvision.models.get_model
        model = with_answers(create(name))
        exported = torch.jit.script(model) if name in SCRIPTED else torch.jit.trace(model, IMAGE)
        exported.save(folder / f"{name}.pt")


if __name__ == "__main__":
    warnings.filterwarnings("ignore")  # torch says at each call that TorchScript is deprecated.
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    with torch.no_grad():
        export(target)
