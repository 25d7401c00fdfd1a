// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What only a failure needs to know, at the price of a second pass. For use inside compare/ only.
#pragma once

#include <ATen/core/Tensor.h>
#include <crosstrace/compare/detail/spread.h>
#include <crosstrace/compare/tolerance.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace crosstrace::detail {

/// One pair of elements, written out.
struct WorstElement {
  std::int64_t position = -1;  ///< In row-major order.
  double abs = 0;
  double rel = 0;
  double limit = 0;
  bool nonfinite = false;
  std::string expected;
  std::string actual;
};

inline constexpr std::size_t kWorstShown = 5;

struct Details {
  /// At most kWorstShown, the worst first: non-finite ones, then by how many times the limit.
  std::vector<WorstElement> worst;
  WorstElement greatest_abs;  ///< Of the finite differences; position -1 if there is none.
  WorstElement greatest_rel;
  std::int64_t expected_nan = 0;
  std::int64_t actual_nan = 0;
  std::int64_t expected_infinite = 0;
  std::int64_t actual_infinite = 0;
  Spread spread;  ///< Of all elements, those that match too.
};

/// Wants contiguous CPU tensors of one dtype and shape, and reads them in place with as many
/// threads as LibTorch would use.
Details collect_details(const at::Tensor& actual, const at::Tensor& expected,
                        const Tolerance& tolerance);

}  // namespace crosstrace::detail
