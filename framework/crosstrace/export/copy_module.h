// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// A module of its own, made of another one.
///
///     torch::jit::Module module("Counter");
///     module.register_buffer("calls", at::zeros({1}));
///     module.define("def forward(self, x):\n  self.calls += 1\n  return x * self.calls\n");
///     torch::jit::Module copy = crosstrace::copy_module(module);
///     (void)copy.forward({at::ones({1})});
///     std::cout << module.attr("calls").toTensor().item<float>() << '\n';  // prints 0
#pragma once

#include <ATen/core/Tensor.h>
#include <torch/csrc/jit/api/module.h>

#include <functional>

namespace crosstrace {

/// Copies attributes, classes and functions, with the constants of their graphs, into a CompilationUnit of
/// its own, so that the copy shares no tensor and no optimised graph with any other and is gone when
/// it goes out of scope. `Module::clone` shares the tensors of constants, and leaves the classes of
/// each copy in the unit of the original for good. What is one object at two places stays one.
/// Parameters ask for gradients as they did.
torch::jit::Module copy_module(const torch::jit::Module& module);

/// The same, but the tensors for which `shares` is true have the memory of the original's. They are
/// objects of their own all the same: to move them or to give them another dtype does not change the
/// original.
torch::jit::Module copy_module(const torch::jit::Module& module,
                               const std::function<bool(const at::Tensor&)>& shares);

}  // namespace crosstrace
