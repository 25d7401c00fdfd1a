// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The exception that ends the command with exit code 2.
#pragma once

#include <stdexcept>

namespace crosstrace {

constexpr int kExitUsage =
    2;  ///< Bad usage or unreadable input; `exit_code` of a report has the others.

/// One line: what, where, what to do.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace crosstrace
