// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Words of reports. For use inside report/ only.
#pragma once

#include <cstddef>
#include <string>

namespace crosstrace::detail {

/// `1 cell`, `2 cells`.
std::string cell_count(std::size_t count);

}  // namespace crosstrace::detail
