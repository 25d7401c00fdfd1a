// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Every tensor that a module holds.
///
///     torch::jit::Module module("Scale");
///     module.register_buffer("scale", at::ones({2}));
///     module.define("def forward(self, x: Tensor):\n    return x * self.scale\n");
///     std::cout << crosstrace::tensors_of(module).size() << '\n';  // prints 1
#pragma once

#include <ATen/core/Tensor.h>
#include <torch/csrc/jit/api/module.h>

#include <vector>

namespace crosstrace {

/// Parameters, buffers, tensors in other attributes and in objects that they hold, and constants of
/// graphs: of all functions that share the module's CompilationUnit. The tensors themselves, each
/// once.
std::vector<at::Tensor> tensors_of(const torch::jit::Module& module);

}  // namespace crosstrace
