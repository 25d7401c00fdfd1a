// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// An export whose weights are where cells run.
///
///     torch::jit::Module module("Counter");
///     module.register_attribute("training", c10::BoolType::get(), false);
///     module.register_buffer("calls", at::zeros({1}));
///     module.define("def forward(self, x: Tensor):\n    self.calls += 1\n    return x * self.calls\n");
///     const crosstrace::PlacedExport placed(module);
///     torch::jit::Module first = placed.copy(crosstrace::Precision::kStrict);
///     torch::jit::Module second = placed.copy(crosstrace::Precision::kStrict);
///     (void)first.forward({at::ones({1})});
///     std::cout << second.forward({at::ones({1})}).toTensor().item<float>() << '\n';  // prints 1
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <crosstrace/devices/precision.h>
#include <crosstrace/graph/written_tensors.h>
#include <torch/csrc/jit/api/module.h>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace crosstrace {

/// Nobody calls its module. Whoever wants to call the export gets a copy of the program, which no
/// executor has optimised yet, over the same weights; only of tensors that a call may write into
/// (WrittenTensors) each copy has its own.
class PlacedExport {
 public:
  enum class Sharing {
    kUnwritten,  ///< As said above.
    kNothing,    ///< Every copy has all tensors for itself.
  };

  explicit PlacedExport(torch::jit::Module module, Sharing sharing = Sharing::kUnwritten);

  /// In evaluation mode. Where the precision is not `kAsExported`, operators that carry a flag for
  /// TF32 carry that of the precision.
  torch::jit::Module copy(Precision precision) const;

  /// The module itself.
  const torch::jit::Module& module() const noexcept { return module_; }

  /// What calls of its copies may write into.
  const WrittenTensors& written() const noexcept { return written_; }

  /// Whether all parameters and buffers lie there, so that moving them there would do nothing.
  bool lies_on(c10::Device device) const;

  /// Whether each tensor that it holds lies there, constants included.
  bool lies_wholly_on(c10::Device device) const;

  /// Bytes of the tensors that it holds, and of the largest of them.
  std::size_t bytes() const noexcept { return bytes_; }
  std::size_t largest_bytes() const noexcept { return largest_bytes_; }

  /// Whether something wrote into a tensor that copies share all the same, as far as LibTorch counts
  /// that (`Tensor::_version`); then no more copies should be made of it.
  bool was_spoiled() const;

 private:
  torch::jit::Module module_;
  Sharing sharing_;
  WrittenTensors written_;
  std::vector<std::pair<at::Tensor, std::uint32_t>> versions_;  ///< Of those that are shared.
  std::size_t bytes_ = 0;
  std::size_t largest_bytes_ = 0;
};

}  // namespace crosstrace
