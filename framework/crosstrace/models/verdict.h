// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What can become of a cell.
///
///     const crosstrace::Verdict verdict = crosstrace::Verdict::kWrongDevice;
///     if (crosstrace::is_failure(verdict))
///       std::cout << crosstrace::to_string(verdict) << '\n';  // prints wrong_device
#pragma once

#include <string_view>

namespace crosstrace {

enum class Verdict {
  kMatch,
  kMismatch,     ///< Numbers differ by more than the tolerance.
  kNonfinite,    ///< NaN or infinity where the reference has none, or the other way round.
  kWrongDevice,  ///< Right numbers, but an output on another device than the inputs.
  kWrongShape,   ///< Another shape, or another structure of outputs.
  kWrongDtype,
  kUnstable,   ///< The calls of one cell differ from each other.
  kError,      ///< Something threw.
  kCrashed,    ///< A signal: abort, segmentation fault, ...
  kTimeout,    ///< Still running after the time given to it.
  kUntrusted,  ///< The comparison would prove nothing: reference empty, constant, or blind to its
               ///< input.
  kSkipped,    ///< A device is absent; the message says which and why.
};

/// The words of JSON and of messages: `match`, `wrong_device`, ...
std::string_view to_string(Verdict verdict) noexcept;

/// True for every verdict but match and skipped: a comparison that proves nothing must not pass.
bool is_failure(Verdict verdict) noexcept;

}  // namespace crosstrace
