// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// All that a project has to write: a model. It links CrossTrace::main and gets the whole matrix.

#include <crosstrace/models/register.h>
#include <torch/torch.h>

CROSSTRACE_REGISTER(Classifier)
    .module([] {
      return torch::nn::Sequential(torch::nn::Linear(10, 16), torch::nn::ReLU(),
                                   torch::nn::Linear(16, 5));
    })
    .inputs([] {
      return torch::randn({1, 10});
    })
    .inputs([] {
      return torch::randn({7, 10});
    });  // another batch size: runs, but does not trace
