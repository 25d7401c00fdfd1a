// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The dtypes that a SPEC may name. For use inside models/ only.
#pragma once

#include <c10/core/ScalarType.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace crosstrace::detail {

/// As PyTorch names it, `float32`; empty if no dtype has this name.
std::optional<c10::ScalarType> dtype_named(std::string_view name);

/// All names, separated by commas.
std::string dtype_names();

/// The least and the greatest number of an integral dtype; of uint64 only what an int64 holds, since
/// the ends of a range are read as one.
std::pair<std::int64_t, std::int64_t> limits_of(c10::ScalarType dtype);

}  // namespace crosstrace::detail
