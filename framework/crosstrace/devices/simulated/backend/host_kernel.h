// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The kernel that most operators of the simulated device have: the CPU's, over the same memory.
#pragma once

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>
#include <c10/util/SmallVector.h>
#include <crosstrace/operators/cuda_dtypes.h>
#include <crosstrace/operators/operator_rules.h>
#include <crosstrace/operators/value_exceptions.h>

#include <optional>
#include <string>
#include <vector>

namespace crosstrace::simulated {

/// Runs an operator's CPU kernel on CPU tensors that alias the simulated ones. Everything that
/// depends on the schema alone is worked out once, when the kernel is made.
class HostKernel final : public c10::OperatorKernel {
 public:
  /// @param rule CUDA's rule for the operator; null for operators outside LibTorch's table. Kept by
  /// pointer.
  HostKernel(const c10::OperatorHandle& op, const OperatorRule* rule);

  void operator()(const c10::OperatorHandle& op, c10::DispatchKeySet keys,
                  torch::jit::Stack* stack) const;

 private:
  /// Where the tensors of one call are.
  struct Placement {
    std::optional<c10::Device> device;  ///< the first simulated one
    std::optional<c10::Device> first;   ///< the first of any kind
    bool mixed = false;
  };

  [[nodiscard]] Placement locate(c10::ArrayRef<c10::IValue> arguments) const;
  [[nodiscard]] c10::Device result_device(const Placement& placement,
                                          c10::ArrayRef<c10::IValue> arguments) const;
  void round_operands(c10::IValue* arguments) const;
  void replace_options(c10::IValue* arguments, c10::Device device) const;

  std::string name_;
  const OperatorRule* rule_;
  const DtypeRefusal* dtypes_;  ///< what CUDA refuses of it; null for most
  ValueException values_;       ///< the same of its values; null for most
  size_t arguments_;
  size_t returns_;
  std::vector<size_t> tensor_arguments_;  ///< positions that can hold tensors
  std::vector<size_t> tensor_returns_;
  c10::SmallVector<size_t, 2> product_operands_;  ///< what CUDA may round to TF32 (tf32.h)
  std::optional<size_t> generator_argument_;
  std::optional<size_t> device_argument_;
  bool writes_;  ///< an argument is written: in-place, out=, resize_
};

}  // namespace crosstrace::simulated
