// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Runs work in a process of its own.
///
///     auto result = crosstrace::run_in_child([] { return std::string("42"); },
///     std::chrono::seconds(10)); assert(result.output == "42" && result.how ==
///     crosstrace::ChildResult::kReturned);
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace crosstrace {

struct ChildResult {
  enum How { kReturned, kDied, kTimedOut };
  How how = kReturned;
  std::string output;  ///< What the work returned, if it did.
  int signal = 0;      ///< What it died of; 0 if it ended by itself without returning.
};

/// Forks, runs `work` in the child and waits for what it returns. The child is killed after
/// `limit`. The calling process must not have used LibTorch's thread pool or CUDA before: neither
/// survives a fork.
/// @throws std::system_error if there can be no child.
ChildResult run_in_child(const std::function<std::string()>& work, std::chrono::seconds limit);

}  // namespace crosstrace
