// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/compare/detail/distance.h>
#include <crosstrace/compare/detail/format.h>
#include <crosstrace/compare/detail/value.h>
#include <crosstrace/compare/detail/weigh.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace crosstrace::detail {
namespace {

/// Of errors beyond this many times the noise TF32 is not suspected: the greatest that was measured
/// of it was 22,000 times.
constexpr double kMostOfTf32 = 32768;

/// Integers have no rounding; float8 is compared exactly, as in torch.testing.
bool has_noise(c10::ScalarType dtype) {
  using enum c10::ScalarType;
  switch (dtype) {
    case Half:
    case BFloat16:
    case Float:
    case Double:
    case ComplexHalf:
    case ComplexFloat:
    case ComplexDouble:
      return true;
    default:
      return false;
  }
}

/// The distance from 1 to the next number.
double epsilon(c10::ScalarType real) {
  switch (real) {
    case c10::ScalarType::Half:
      return std::ldexp(1, -10);
    case c10::ScalarType::BFloat16:
      return std::ldexp(1, -7);
    case c10::ScalarType::Double:
      return std::ldexp(1, -52);
    default:
      return std::ldexp(1, -23);
  }
}

/// How far a referee may be from the reference, in parts of the greatest |value|.
double bound(c10::ScalarType real) {
  switch (real) {
    case c10::ScalarType::Half:
      return 2e-2;
    case c10::ScalarType::BFloat16:
      return 1e-1;
    default:
      return 1e-3;
  }
}

std::string format_factor(double factor) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, factor < 99.5 ? "%.2g" : "%.0f", factor);
  return buffer;
}

/// A factor just above must not look like one below.
std::string format_limit_of_factor(double limit) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.3g", limit);
  return buffer;
}

at::Tensor by_parts(const at::Tensor& tensor) {
  return tensor.is_complex() ? at::view_as_real(tensor).contiguous() : tensor;
}

/// One leaf before its referee.
class Weighing {
 public:
  Weighing(LeafComparison& leaf, const at::Tensor& actual, const at::Tensor& expected,
           const CompareOptions& options)
      : leaf_(leaf), actual_(actual), expected_(expected), options_(options) {}

  void run() {
    const std::string why_not = measure();
    why_not.empty() ? decide() : refuse(why_not);
    leaf_.evidence = std::move(evidence_);
  }

 private:
  /// @returns why there is no referee, one line; empty if there is.
  std::string measure() {
    const Referee& referee = options_.evidence->referee();
    if (!referee.why_not.empty()) return referee.why_not;
    const auto exact = tensor_at(referee.in_float64, options_.name, leaf_.path);
    const auto own = tensor_at(referee.in_own_precision, options_.name, leaf_.path);
    if (!exact || !own) return "the export has no such output on the CPU";
    if (exact->sizes() != expected_.sizes() || own->sizes() != expected_.sizes()) {
      return "its output has another shape, " + format_shape(exact->sizes());
    }
    const auto wanted = expected_.is_complex() ? at::kComplexDouble : at::kDouble;
    if (exact->scalar_type() != wanted) {
      return std::string("its output is ") + c10::toString(exact->scalar_type());
    }
    return measure_errors(by_parts(*exact), by_parts(*own));
  }

  std::string measure_errors(const at::Tensor& exact, const at::Tensor& own) {
    const at::Tensor reference = by_parts(expected_);
    real_ = reference.scalar_type();
    const Distance of_reference = distance(reference, exact);
    if (!of_reference.is_defined) return "it is NaN or infinite where the reference is finite";
    greatest_ = of_reference.greatest;
    evidence_.reference_error = of_reference.error;
    const double own_noise = std::max(distance(own, exact).error, rounding());
    if (of_reference.error > kEvidenceLimit * own_noise) {
      return possessive() + " answer is " + format_factor(of_reference.error / own_noise) +
             " times the export's own error away from it, so the export computes something else";
    }
    if (of_reference.error > bound(real_) * greatest_) {
      return "it is " + format_limit(of_reference.error / greatest_) +
             " of the greatest |value| away from " + possessive() + " answer, more than " +
             format_shortest(bound(real_));
    }
    evidence_.device_error = distance(by_parts(actual_), exact).error;
    return "";
  }

  double rounding() const { return epsilon(real_) * greatest_; }

  double noise() const { return std::max(evidence_.reference_error, rounding()); }

  std::string possessive() const { return options_.evidence->reference + "'s"; }

  /// A referee that is nearly none may not excuse what would make it none.
  void decide() {
    evidence_.referee = "float64 on cpu";
    evidence_.decided_by = Evidence::DecidedBy::kEvidence;
    evidence_.factor = evidence_.device_error / noise();
    evidence_.limit = std::min(kEvidenceLimit, bound(real_) * greatest_ / noise());
    const bool is_noise = evidence_.factor <= evidence_.limit;
    const std::string verdict = (is_noise ? "within " : "") + times_noise() + ", limit " +
                                format_limit_of_factor(evidence_.limit) +
                                (is_noise ? "" : suspicion());
    add_to_first_line(", " + verdict);
    if (!is_noise) return;
    leaf_.difference = Difference::kNone;
    leaf_.message.clear();
  }

  std::string times_noise() const {
    const std::string of = evidence_.reference_error >= rounding()
                               ? possessive() + " own error"
                               : std::string("the rounding of ") + c10::toString(real_);
    return format_factor(evidence_.factor) + " times " + of;
  }

  std::string suspicion() const {
    const bool fits = real_ == at::kFloat && evidence_.factor <= kMostOfTf32;
    return options_.evidence->may_be_tf32 && fits ? "; TF32 is possible" : "";
  }

  void refuse(const std::string& why_not) {
    evidence_.referee = "none: " + why_not;
    add_to_first_line("; no float64 referee: " + why_not);
  }

  /// It stands alone in tables.
  void add_to_first_line(const std::string& text) {
    const std::size_t end = std::min(leaf_.message.find('\n'), leaf_.message.size());
    leaf_.message.insert(end, text);
    evidence_.message = leaf_.message.substr(0, end + text.size());
  }

  LeafComparison& leaf_;
  const at::Tensor& actual_;
  const at::Tensor& expected_;
  const CompareOptions& options_;
  Evidence evidence_;
  c10::ScalarType real_ = at::kFloat;
  double greatest_ = 0;
};

}  // namespace

void weigh(LeafComparison& leaf, const at::Tensor& actual, const at::Tensor& expected,
           const CompareOptions& options) {
  if (!options.evidence || leaf.difference != Difference::kValues) return;
  if (!has_noise(expected.scalar_type())) return;
  Weighing(leaf, actual, expected, options).run();
}

}  // namespace crosstrace::detail
