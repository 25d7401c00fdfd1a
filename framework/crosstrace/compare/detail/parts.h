// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What a tensor is made of, as CPU tensors. For use inside compare/ only.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <vector>

namespace crosstrace::detail {

/// One array of numbers inside a tensor.
struct Part {
  std::string name;   ///< The method of Tensor that gives it; empty for the elements themselves.
  at::Tensor tensor;  ///< On the CPU, of any strides, neither conjugated nor negated lazily.
  bool is_exact = false;  ///< An index: no tolerance applies.
};

/// An ordinary tensor is its elements. A quantized one is its scales and zero points, then its
/// dequantized elements. A sparse one is its indices, then its values, so an explicit zero differs
/// from none. Tensors that agree in dtype, layout and quantization scheme have parts of the same
/// names.
///
/// @returns empty if there is no way to look into a tensor of this layout.
std::vector<Part> parts_of(const at::Tensor& tensor);

/// The elements of an ordinary tensor, on the device where it lies. Nothing if it is made of other
/// parts.
std::optional<at::Tensor> elements_of(const at::Tensor& tensor);

}  // namespace crosstrace::detail
