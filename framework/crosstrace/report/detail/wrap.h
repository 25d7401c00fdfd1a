// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Text for a terminal of a certain width. For use inside report/ only.
#pragma once

#include <cstddef>
#include <string>

namespace crosstrace::detail {

/// Breaks lines of more than `width` characters between words; what goes on below stands four
/// blanks further in. Escape sequences of colours take no room; a word that is longer than a line
/// stays whole. @param text UTF-8.
std::string wrap(const std::string& text, std::size_t width);

}  // namespace crosstrace::detail
