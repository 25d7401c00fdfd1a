// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The dtypes that CUDA's kernels are not compiled for, where the CPU's are, or where the CPU's
/// kernel has another name. LibTorch's operator table does not say them.
#pragma once

#include <ATen/core/function_schema.h>
#include <ATen/core/ivalue.h>
#include <c10/core/ScalarType.h>
#include <c10/util/ArrayRef.h>

#include <cstdint>
#include <string_view>

namespace crosstrace {

struct DtypeRefusal {
  std::string_view operators;  ///< `max`: that overload; `exp.*`: every overload
  std::string_view kernel;     ///< what CUDA calls its kernel: `exp_cuda`
  uint64_t refused;            ///< one bit for each c10::ScalarType
};

/// What CUDA refuses of `aten::<name>`, null if nothing is known. It lives for ever.
[[nodiscard]] const DtypeRefusal* find_dtype_refusal(std::string_view name);

/// Throws c10::NotImplementedError in the words of AT_DISPATCH (ATen/Dispatch.h),
/// `"exp_cuda" not implemented for 'Float8_e5m2'`, if CUDA's kernel would.
/// @param arguments of a call; the dtype is the one that its inputs are promoted to.
void check_dtype(const DtypeRefusal& refusal, const c10::FunctionSchema& schema,
                 c10::ArrayRef<c10::IValue> arguments);

}  // namespace crosstrace
