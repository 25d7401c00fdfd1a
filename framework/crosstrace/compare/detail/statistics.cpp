// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/compare/detail/blocks.h>
#include <crosstrace/compare/detail/element.h>
#include <crosstrace/compare/detail/statistics.h>
#include <crosstrace/compare/detail/visit_dtype.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <limits>

namespace crosstrace::detail {
namespace {

void raise(double& greatest, double value) {
  if (std::isfinite(value) && value > greatest) greatest = value;
}

void merge(Statistics& total, const Statistics& part) {
  total.mismatched += part.mismatched;
  total.nonfinite += part.nonfinite;
  raise(total.max_abs, part.max_abs);
  raise(total.max_rel, part.max_rel);
}

template <class T>
void add_each(Statistics& statistics, const Block<T>& block, const Tolerance& tolerance) {
  for (std::int64_t i = 0; i < block.count; ++i) {
    const auto difference = examine(block.actual[i], block.expected[i], tolerance);
    statistics.mismatched += difference.mismatched;
    statistics.nonfinite += difference.nonfinite;
    raise(statistics.max_abs, difference.abs);
    raise(statistics.max_rel, difference.rel);
  }
}

// As many lanes as fill a few vector registers; the loop over them is what the compiler turns into
// vector instructions.
constexpr std::int64_t kLanes = 16;

template <std::floating_point F>
struct Lanes {
  std::array<F, kLanes> greatest_abs{}, greatest_rel{};
  std::array<F, kLanes> doubtful{};  // 0 or 1, as wide as F so that one mask serves both
};

// Elements that are equal, or surely within the tolerance, the rounding of F included. All else
// (NaN, infinity, mismatches, borderline cases) is doubtful and left to `examine`.
template <std::floating_point F>
void add_lanes(Lanes<F>& lanes, const F* actual, const F* expected, F rtol, F atol) {
  constexpr F kMax = std::numeric_limits<F>::max();
  for (std::int64_t j = 0; j < kLanes; ++j) {
    const F magnitude = std::abs(expected[j]);
    const F abs = std::abs(actual[j] - expected[j]);
    const F bound = atol + rtol * magnitude;
    const F limit = bound < kMax ? bound : kMax;
    lanes.doubtful[j] = abs <= limit ? lanes.doubtful[j] : F(1);
    lanes.greatest_abs[j] = abs > lanes.greatest_abs[j] ? abs : lanes.greatest_abs[j];
    const F rel = abs / magnitude;
    const F finite_rel = rel <= kMax ? rel : F(0);
    lanes.greatest_rel[j] = finite_rel > lanes.greatest_rel[j] ? finite_rel : lanes.greatest_rel[j];
  }
}

template <std::floating_point F>
bool is_any_doubtful(const Lanes<F>& lanes) {
  return std::any_of(lanes.doubtful.begin(), lanes.doubtful.end(),
                     [](F flag) { return flag != 0; });
}

// False, and nothing added, if any element needs a closer look.
template <std::floating_point F>
bool add_if_surely_within(Statistics& statistics, const Block<F>& block,
                          const Tolerance& tolerance) {
  constexpr double kShrink = 1 - 8.0 * std::numeric_limits<F>::epsilon();
  const F rtol = static_cast<F>(tolerance.rtol() * kShrink);
  const F atol = static_cast<F>(tolerance.atol() * kShrink);
  Lanes<F> lanes;
  const std::int64_t whole = block.count / kLanes * kLanes;
  for (std::int64_t i = 0; i < whole; i += kLanes) {
    add_lanes(lanes, block.actual + i, block.expected + i, rtol, atol);
  }
  if (is_any_doubtful(lanes)) return false;
  for (std::int64_t j = 0; j < kLanes; ++j) {
    raise(statistics.max_abs, lanes.greatest_abs[j]);
    raise(statistics.max_rel, lanes.greatest_rel[j]);
  }
  add_each(statistics,
           Block<F>{block.actual + whole, block.expected + whole, block.count - whole, 0},
           tolerance);
  return true;
}

// Float holds every Half and BFloat16.
template <class T>
bool add_widened_if_surely_within(Statistics& statistics, const Block<T>& block,
                                  const Tolerance& tolerance) {
  std::array<float, kBlockElements> actual, expected;
  std::copy_n(block.actual, block.count, actual.begin());
  std::copy_n(block.expected, block.count, expected.begin());
  const Block<float> widened{actual.data(), expected.data(), block.count, block.position};
  return add_if_surely_within(statistics, widened, tolerance);
}

template <class T>
void add_block(Statistics& statistics, const Block<T>& block, const Tolerance& tolerance) {
  if constexpr (std::floating_point<T>) {
    if (add_if_surely_within(statistics, block, tolerance)) return;
  } else if constexpr (std::same_as<T, c10::Half> || std::same_as<T, c10::BFloat16>) {
    if (add_widened_if_surely_within(statistics, block, tolerance)) return;
  }
  add_each(statistics, block, tolerance);
}

}  // namespace

Statistics collect_statistics(const at::Tensor& actual, const at::Tensor& expected,
                              const Tolerance& tolerance) {
  return visit_dtype(expected.scalar_type(), [&]<class T>(std::type_identity<T>) {
    return over_differing_blocks<T, Statistics>(
        actual, expected,
        [&](Statistics& part, const Block<T>& block) { add_block(part, block, tolerance); }, merge);
  });
}

}  // namespace crosstrace::detail
