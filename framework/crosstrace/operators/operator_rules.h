// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// CUDA's rules for each of LibTorch's own operators, from LibTorch's operator table.
#pragma once

#include <cstdint>
#include <string_view>

namespace crosstrace {

/// What CUDA's generated wrapper does about devices before the kernel runs.
enum class DeviceCheck : uint8_t {
  kSameDevice,      ///< all positional and out tensors, 0-dim ones too, must share one device
  kTensorIterator,  ///< no check of its own: TensorIterator's rule applies inside the kernel
  kUnchecked,       ///< no check at all: views, `copy_`, `resize_`, list operators, ...
};

/// How a backend runs an operator.
enum class KernelKind : uint8_t {
  kNone,       ///< not at all
  kDirect,     ///< a kernel registered for the backend
  kComposite,  ///< LibTorch's backend-neutral kernel, made of other operators
};

struct OperatorRule {
  std::string_view name;  ///< with overload, without namespace: `add.Tensor`
  DeviceCheck device_check;
  KernelKind cuda;
  KernelKind cpu;
};

/// The rule of `aten::<name>`, null if LibTorch's table does not have it. The table lives for ever.
[[nodiscard]] const OperatorRule* find_operator_rule(std::string_view name);

/// Whether a namespace is one of LibTorch's own that have kernels for the CPU alone and that its
/// operator table does not list: `quantized`, `xnnpack`, ...
[[nodiscard]] bool is_cpu_library(std::string_view name_space);

}  // namespace crosstrace
