// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What tells in a few operations on floats that a pair of elements changes nothing of what was found
/// before, so that the rule itself (element_rule.h), which takes many, and in double, is kept for the
/// few that may. Compiled for the host too, where tests hold it to the plain loop. For use inside
/// compare/ only.
#pragma once

#include <crosstrace/compare/detail/element_rule.h>

namespace crosstrace::detail {

/// Limits and maxima as floats, none of them greater than what it stands for.
struct Screen {
  float max_abs = 0;
  float max_rel = 0;
  float rtol = 0;
  float atol = 0;
};

/// The greatest float that is at most `value`, which is at least zero and finite.
CROSSTRACE_ON_BOTH float rounded_down(double value) {
  const auto nearest = static_cast<float>(value);
  if (static_cast<double>(nearest) <= value) return nearest;
  return same_bits<float>(same_bits<std::uint32_t>(nearest) - 1);
}

/// a * b - c, rounded once.
CROSSTRACE_ON_BOTH float product_minus(float a, float b, float c) {
#ifdef __CUDA_ARCH__
  return __fmaf_rn(a, b, -c);
#else
  return __builtin_fmaf(a, b, -c);
#endif
}

/// The share outweighs every rounding on the way, the rule's own and this one's.
template <class Number>
CROSSTRACE_ON_BOTH Screen screen_of(ElementLimits<Number> limits) {
  constexpr double kShare = 1 - 1.0 / (1 << 19);
  return {.rtol = static_cast<float>(static_cast<double>(limits.rtol) * kShare),
          .atol = static_cast<float>(static_cast<double>(limits.atol) * kShare)};
}

template <class Number>
CROSSTRACE_ON_BOTH void raise(Screen& screen, const Findings<Number>& found) {
  const float abs = rounded_down(found.max_abs), rel = rounded_down(found.max_rel);
  if (abs > screen.max_abs) screen.max_abs = abs;
  if (rel > screen.max_rel) screen.max_rel = rel;
}

/// Whether `value`, which is at least zero, is not between zero and 1e-30, where products lose digits.
CROSSTRACE_ON_BOTH bool is_not_tiny(float value) {
  constexpr std::uint32_t kTiny = 0x0da24260;  // the bits of 1e-30
  return same_bits<std::uint32_t>(value) - 1 >= kTiny - 1;
}

/// Whether the rule would leave everything as it is. The difference is the rule's own: that of floats
/// is exact within half of |expected| (Sterbenz), that of halves is what the rule takes. So it is no
/// greater than a maximum that it does not exceed, and the sign of max_rel * |expected| - difference,
/// rounded once, is that of the exact one. NaN and infinity make the difference NaN or infinite, and
/// fail.
template <class Element>
CROSSTRACE_ON_BOTH bool changes_nothing(const Screen& screen, typename Element::T actual,
                                        typename Element::T expected) {
  const float a = Element::widen(actual), e = Element::widen(expected);
  const float abs = distance_from_zero(a - e), magnitude = distance_from_zero(e);
  // No branches: one for each would cost more than all of it.
  bool nothing = abs <= screen.max_abs;
  nothing &= product_minus(screen.rtol, magnitude, -screen.atol) >= abs;
  nothing &= product_minus(screen.max_rel, magnitude, abs) >= 0;
  if constexpr (Element::kIsRounded) nothing &= abs + abs <= magnitude;
  if constexpr (Element::kMayBeTiny) nothing &= is_not_tiny(abs);
  return nothing;
}

}  // namespace crosstrace::detail
