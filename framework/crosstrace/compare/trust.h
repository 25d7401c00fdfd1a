// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Whether a reference can prove anything.
///
///     std::string why = crosstrace::why_untrusted(at::zeros({2, 3}));
///     // every output is constant: all 6 elements are 0
#pragma once

#include <ATen/core/ivalue.h>

#include <string>

namespace crosstrace {

/// A model that answers nothing, or the same number everywhere, agrees with many wrong models. One
/// number alone, a text or a truth value says something, and so does one leaf whose elements
/// differ, whatever the other leaves hold.
///
/// Reads tensors on the CPU; others are copied there, which waits for their device.
///
/// @returns empty if agreement with `reference` proves something, else one line that says why not.
[[nodiscard]] std::string why_untrusted(const c10::IValue& reference);

}  // namespace crosstrace
