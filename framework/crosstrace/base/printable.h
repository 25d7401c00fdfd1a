// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Text of models, archives and exceptions, made fit for a terminal and a report.
///
///     std::cout << crosstrace::printable("a\x1b[31mb") << '\n';  // prints a\uFFFD[31mb
#pragma once

#include <string>
#include <string_view>

namespace crosstrace {

/// Valid UTF-8 without control characters but tab and line feed, which neither XML nor a terminal
/// would take, and without other ends of lines; each control character and each byte that belongs
/// to no character becomes U+FFFD.
std::string printable(std::string_view text);

}  // namespace crosstrace
