// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/models/register.h>
#include <torch/torch.h>

#include <cstdlib>
#include <stdexcept>

namespace {

/// As many as the project's configuration says.
int classes() {
  const char* text = std::getenv("CLASSES");
  if (text == nullptr) throw std::runtime_error("CLASSES is not set");
  return std::atoi(text);
}

CROSSTRACE_REGISTER(Classifier)
    .module([] {
      return torch::nn::Sequential(torch::nn::Linear(10, 16), torch::nn::ReLU(),
                                   torch::nn::Linear(16, classes()));
    })
    .inputs([] {
      return torch::randn({1, 10});
    })
    .inputs([] {
      return torch::randn({7, 10});
    });

}  // namespace
