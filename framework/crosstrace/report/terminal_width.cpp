// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/report/terminal_width.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace crosstrace {

std::size_t terminal_width(int file_descriptor) {
  winsize size{};
  const bool is_known =
      ::isatty(file_descriptor) == 1 && ::ioctl(file_descriptor, TIOCGWINSZ, &size) == 0;
  return is_known ? size.ws_col : 0;
}

}  // namespace crosstrace
