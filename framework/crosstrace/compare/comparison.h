// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What a comparison of two outputs found, as values; `compare.h` makes it.
///
///     const auto comparison = crosstrace::compare(at::ones({2, 3}), at::zeros({2, 3}));
///     for (const crosstrace::LeafComparison& leaf : comparison.leaves)
///       std::cout << leaf.path << ": " << leaf.mismatched;  // prints output: 6
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace crosstrace {

/// The first thing that differs, in the order in which it is looked at.
enum class Difference {
  kNone,
  kStructure,  ///< Another kind of value, or another number of elements or other keys.
  kShape,
  kDtype,
  kNonfinite,  ///< NaN or infinity on one side only, or of another sign.
  kValues,
  kDevice,  ///< Looked at last: right numbers on the wrong device.
};

/// What a float64 run of the export said of numbers outside rtol and atol; `evidence.h` asks it.
/// Errors are greatest distances |value - float64| from its answer, over the finite elements, in
/// the units of the values. What was not measured is NaN.
struct Evidence {
  enum class DecidedBy { kTolerance, kEvidence };

  std::string referee;  ///< What it is; or `none: ` and why there is none.
  double reference_error = std::numeric_limits<double>::quiet_NaN();  ///< Of the expected value.
  double device_error = std::numeric_limits<double>::quiet_NaN();     ///< Of the actual value.

  /// How many times the noise the device's error is. Noise is the reference's error, or, where that
  /// is greater, the dtype's ULP at 1 (2^-23 for float32) times the greatest |expected|.
  double factor = std::numeric_limits<double>::quiet_NaN();
  double limit = std::numeric_limits<double>::quiet_NaN();  ///< The greatest factor that matches.
  DecidedBy decided_by = DecidedBy::kTolerance;             ///< kTolerance where there is none.
  std::string message;                                      ///< One line: how it was decided.
};

/// One tensor or scalar somewhere inside an output.
struct LeafComparison {
  std::string path;  ///< `output`, `output[1]`, `output["boxes"][0]`.
  Difference difference = Difference::kNone;
  std::string dtype;  ///< As TorchScript prints it: `Float`, `BFloat16`, `int`, `str`.
  std::vector<std::int64_t> shape;  ///< Of the actual value; empty for what has none.
  std::string device;               ///< Of the actual value; empty for what has no device.
  std::int64_t total = 0;           ///< Elements.
  std::int64_t mismatched = 0;      ///< Elements outside rtol and atol, non-finite ones included.
  std::int64_t nonfinite = 0;  ///< Elements NaN or infinite on one side only, or of another sign.
  double max_abs = 0;          ///< Greatest finite |actual - expected|, of all elements.
  double max_rel = 0;          ///< Greatest finite |actual - expected| / |expected|, of all.

  /// Of the element that is the most times its limit away, non-finite ones before all others; empty
  /// if nothing differs.
  std::vector<std::int64_t> worst_index;
  std::string message;  ///< Empty if nothing differs; first line: what failed and where.

  /// Set where the tolerance alone would have called it a difference and a referee was asked.
  std::optional<Evidence> evidence = std::nullopt;
};

/// All leaves of an output, those that match too.
struct Comparison {
  std::vector<LeafComparison> leaves;

  /// The first difference of the first leaf that has one whose kind comes first in `Difference`.
  Difference difference() const noexcept;
  bool matches() const noexcept { return difference() == Difference::kNone; }

  /// Messages of all leaves that differ, one paragraph each; at most five leaves, then how many
  /// more.
  std::string message() const;
};

}  // namespace crosstrace
