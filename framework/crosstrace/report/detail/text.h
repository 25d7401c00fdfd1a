// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Text of models and exceptions, made fit for a report. For use inside report/ only.
#pragma once

#include <string>
#include <string_view>

namespace crosstrace::detail {

/// Valid UTF-8 without control characters but tab and line feed, which neither XML nor a terminal
/// would take; each offending byte becomes U+FFFD.
std::string printable(std::string_view text);

/// `1 cell`, `2 cells`.
std::string cell_count(std::size_t count);

}  // namespace crosstrace::detail
