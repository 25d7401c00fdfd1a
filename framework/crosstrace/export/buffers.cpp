// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/export/buffers.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/nn/module.h>

namespace crosstrace {

std::map<std::string, at::Tensor> buffers_of(const torch::nn::Module& module) {
  std::map<std::string, at::Tensor> buffers;
  for (const auto& item : module.named_buffers()) buffers.emplace(item.key(), item.value());
  return buffers;
}

std::map<std::string, at::Tensor> buffers_of(const torch::jit::Module& module) {
  std::map<std::string, at::Tensor> buffers;
  for (const auto& item : module.named_buffers()) buffers.emplace(item.name, item.value);
  return buffers;
}

}  // namespace crosstrace
