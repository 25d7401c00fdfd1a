// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What CUDA's kernels refuse wherever their arguments are, where the CPU's take it.
#pragma once

#include <ATen/core/ivalue.h>
#include <c10/util/ArrayRef.h>

#include <string_view>

namespace crosstrace {

/// Throws c10::Error in CUDA's words. Tensors must lie in the host's memory.
using ValueException = void (*)(c10::ArrayRef<c10::IValue> arguments);

/// The exception for `aten::<name>`, null for most.
[[nodiscard]] ValueException find_value_exception(std::string_view name);

}  // namespace crosstrace
