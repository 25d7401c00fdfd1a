// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <c10/util/Exception.h>
#include <crosstrace/base/one_line.h>
#include <crosstrace/base/printable.h>

#include <algorithm>

namespace crosstrace {

std::string one_line(const std::exception& error) {
  const auto* of_libtorch = dynamic_cast<const c10::Error*>(&error);
  const std::string text =
      of_libtorch != nullptr ? of_libtorch->what_without_backtrace() : error.what();
  // LibTorch begins some messages with an empty line.
  const std::size_t start = std::min(text.find_first_not_of("\n "), text.size());
  return printable(text.substr(start, text.find('\n', start) - start));
}

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

}  // namespace crosstrace
