// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Whether two values are the same to the last bit.
///
///     const bool stable = crosstrace::bitwise_equal(model.forward(inputs), model.forward(inputs));
#pragma once

#include <ATen/core/ivalue.h>

namespace crosstrace {

/// Stricter than `compare` with a zero tolerance: devices, strides' order of elements aside, and
/// every bit of every element must agree, so 0 differs from -0, and NaN equals only a NaN of the
/// same bits.
///
/// Two values that `compare` refuses to look into are equal only if they are one object. Copies
/// tensors that are not on the CPU to it, which waits for their device.
///
/// @throws c10::Error if a tensor cannot be copied to the CPU.
[[nodiscard]] bool bitwise_equal(const c10::IValue& a, const c10::IValue& b);

}  // namespace crosstrace
