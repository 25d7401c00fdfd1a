// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Words of a report, read back. For use inside report/ only.
#pragma once

#include <stdexcept>
#include <string>

namespace crosstrace::detail {

/// The enumerator between `first` and `last` whose word is `word`.
/// @throws std::runtime_error if there is none.
template <class Enum>
Enum parse_word(const std::string& word, Enum first, Enum last) {
  for (int i = static_cast<int>(first); i <= static_cast<int>(last); ++i) {
    if (to_string(static_cast<Enum>(i)) == word) return static_cast<Enum>(i);
  }
  throw std::runtime_error("'" + word + "' is not a word of a report");
}

}  // namespace crosstrace::detail
