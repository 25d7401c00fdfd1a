// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// How two values are compared.
///
///     crosstrace::CompareOptions options;
///     options.tolerance = crosstrace::Tolerance(1e-3, 1e-4);
///     const auto comparison = crosstrace::compare(at::full({2}, 1.0005), at::ones({2}), options);
///     std::cout << (comparison.matches() ? "match" : "mismatch") << '\n';  // prints match
#pragma once

#include <c10/core/Device.h>
#include <crosstrace/compare/evidence.h>
#include <crosstrace/compare/tolerance.h>

#include <optional>
#include <string>

namespace crosstrace {

struct CompareOptions {
  /// For every dtype, integers too, instead of `Tolerance::of(dtype)`.
  std::optional<Tolerance> tolerance = std::nullopt;

  /// Where every actual tensor must be; nowhere in particular if absent. An index that is not given
  /// matches any.
  std::optional<c10::Device> device = std::nullopt;

  /// How paths begin.
  std::string name = "output";

  /// Lets a float64 run decide where numbers lie outside the tolerance: each leaf of float or
  /// complex numbers matches all the same if its greatest error is at most `kEvidenceLimit` (16)
  /// times the noise, which `Evidence::factor` explains, and never further from the referee than a
  /// referee may be from the reference: 1e-3 (half 2e-2, bfloat16 1e-1) of the greatest |value|.
  /// What lies further is no referee, nor is the run of an export whose own answer is not the
  /// reference up to noise. Complex numbers count by parts. Integers, truth values, quantized
  /// tensors, NaN and infinity are never excused.
  std::optional<EvidenceOptions> evidence = std::nullopt;
};

}  // namespace crosstrace
