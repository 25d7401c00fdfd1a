// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Keeps what others print out of a report on standard output.
///
///     {
///       const crosstrace::StdoutToStderr quiet;
///       module.forward(inputs);  // Whatever it prints goes to standard error.
///     }
#pragma once

namespace crosstrace {

/// From construction to destruction file descriptor 1 is file descriptor 2, for children too.
class StdoutToStderr {
 public:
  StdoutToStderr();
  StdoutToStderr(const StdoutToStderr&) = delete;
  StdoutToStderr& operator=(const StdoutToStderr&) = delete;
  ~StdoutToStderr();

 private:
  int saved_;
};

}  // namespace crosstrace
