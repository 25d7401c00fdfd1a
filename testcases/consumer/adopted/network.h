// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <torch/torch.h>

struct NetworkImpl : torch::nn::Module {
  NetworkImpl();
  torch::Tensor forward(torch::Tensor x);

  torch::nn::Linear linear{nullptr};
};
TORCH_MODULE(Network);
