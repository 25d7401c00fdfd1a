# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""What the scripts of crosstrace_add_python_export have in common."""

import argparse
import sys

import torch


def export(model, example):
    """Traces `model` on the device of --device and writes it to --output; ends with 77, and says why, if there is none."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", required=True)
    parser.add_argument("--output", required=True)
    arguments = parser.parse_args()
    device = torch.device(arguments.device)
    if device.type == "cuda" and device.index >= torch.cuda.device_count():
        print(f"PyTorch sees {torch.cuda.device_count()} CUDA devices")
        sys.exit(77)
    traced = torch.jit.trace(model.eval().to(device), example.to(device), check_trace=False)
    traced.save(arguments.output)
