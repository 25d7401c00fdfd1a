// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What calls of a module may write into.
///
///     torch::jit::Module module("Counter");
///     module.register_buffer("calls", at::zeros({1}));
///     module.register_parameter("weight", at::ones({3}), /*is_buffer=*/false);
///     module.define(
///         "def forward(self, x: Tensor):\n"
///         "    self.calls.add_(1)\n"
///         "    return x * self.weight\n");
///     const crosstrace::WrittenTensors written(module);
///     std::cout << written.contains(module.attr("calls").toTensor())
///               << written.contains(module.attr("weight").toTensor()) << '\n';  // prints 10
#pragma once

#include <ATen/core/Tensor.h>
#include <torch/csrc/jit/api/module.h>

#include <unordered_set>

namespace crosstrace {

/// Read from the module's own methods with all that they call inlined, by what the schemas of
/// operators say that they write and that their results share, and by what is known of those that
/// write more than they say (the running statistics of norms in training). Operators from elsewhere
/// than LibTorch are taken to write into all that they are given. Where the way of a written tensor
/// cannot be followed, everything is taken to be written: the answer may be yes for what is never
/// written, hardly ever no for what is.
class WrittenTensors {
 public:
  /// @param module is not changed. Takes time in proportion to the inlined graphs.
  explicit WrittenTensors(const torch::jit::Module& module);

  /// Of a tensor that the module holds, in an attribute or in a graph. Tensors that share memory
  /// are written together.
  bool contains(const at::Tensor& tensor) const;

  /// Whether a call may write into its arguments.
  bool contains_arguments() const noexcept { return all_ || arguments_; }

  /// Whether a call may change what later ones see: tensors of the module, numbers and lists in its
  /// attributes.
  bool contains_state() const noexcept { return all_ || state_ || !memory_.empty(); }

 private:
  class Search;

  bool all_ = false;
  bool arguments_ = false;
  bool state_ = false;  ///< Beside tensors.
  std::unordered_set<const void*> memory_;
};

}  // namespace crosstrace
