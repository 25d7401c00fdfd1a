// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The buffers of a module, of C++ or TorchScript, under the same names.
///
///     torch::nn::BatchNorm1d norm(4);
///     for (const auto& [path, buffer] : crosstrace::buffers_of(*norm))
///       std::cout << path << ' ';  // prints num_batches_tracked running_mean running_var
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>

namespace torch::nn {
class Module;
}
namespace torch::jit {
struct Module;
}

namespace crosstrace {

/// By path, such as `norm.running_mean`; the tensors themselves. Of a TorchScript module also tensors
/// in other attributes that are no parameters, since an archive does not tell them apart.
std::map<std::string, at::Tensor> buffers_of(const torch::nn::Module& module);
std::map<std::string, at::Tensor> buffers_of(const torch::jit::Module& module);

}  // namespace crosstrace
