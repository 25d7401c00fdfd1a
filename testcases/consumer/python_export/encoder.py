# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Traces a small network on the device that --device names."""

import torch

from export import export


class Encoder(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(3, 8)
        self.register_buffer("scale", torch.tensor([0.5]))

    def forward(self, x):
        return torch.relu(self.linear(x)) * self.scale


export(Encoder(), torch.randn(2, 3))
