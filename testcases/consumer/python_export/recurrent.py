# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Traces a network whose initial state is on the device where it was traced, wherever the module is moved."""

import torch

from export import export


class Recurrent(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = torch.nn.LSTM(4, 6, batch_first=True)

    def forward(self, x):
        return self.lstm(x)[0]


export(Recurrent(), torch.randn(2, 5, 4))
