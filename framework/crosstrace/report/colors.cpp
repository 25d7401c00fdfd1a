// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/report/colors.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace crosstrace {

Colors colors_for(int file_descriptor) {
  const char* no_color = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  const bool is_unwanted = (no_color != nullptr && *no_color != '\0') ||
                           (terminal != nullptr && std::string_view(terminal) == "dumb");
  return !is_unwanted && ::isatty(file_descriptor) == 1 ? Colors::kOn : Colors::kOff;
}

}  // namespace crosstrace
