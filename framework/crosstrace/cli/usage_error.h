// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The exit codes of the command, and the exception that ends it with 2.
#pragma once

#include <stdexcept>

namespace crosstrace {

constexpr int kExitPassed = 0;    ///< All cells that ran match, and at least one ran.
constexpr int kExitFailed = 1;    ///< A cell failed.
constexpr int kExitUsage = 2;     ///< Bad usage or unreadable input.
constexpr int kExitNothing = 77;  ///< Nothing could run.

/// One line: what, where, what to do.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace crosstrace
