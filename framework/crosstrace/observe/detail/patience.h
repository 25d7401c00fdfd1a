// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// How long a search may go on. Used by `difference_search.h`.
#pragma once

#include <chrono>
#include <optional>

namespace crosstrace::detail {

/// Begins when it is made.
class Patience {
 public:
  using Clock = std::chrono::steady_clock;
  struct Ended {};  ///< Thrown where it ends.

  explicit Patience(std::optional<Clock::duration> limit) : limit_(limit) {}

  /// Runs a call of both sides, if it is likely to end in time.
  template <class Call>
  auto spend(const Call& call) {
    const Clock::time_point before = Clock::now();
    if (limit_ && before - start_ + last_ > *limit_) throw Ended{};
    const auto result = call();
    last_ = Clock::now() - before;
    return result;
  }

  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

 private:
  std::optional<Clock::duration> limit_;
  Clock::time_point start_ = Clock::now();
  Clock::duration last_{};
};

}  // namespace crosstrace::detail
