// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Whether numbers outside rtol and atol are noise: a float64 run of the same export decides.
///
///     const at::Tensor exact = at::full({8}, 1000., at::kDouble);
///     const at::Tensor on_the_cpu = (exact + 0.01).to(at::kFloat), on_cuda = (exact - 0.01).to(at::kFloat);
///     const crosstrace::Referee referee{.in_float64 = exact, .in_own_precision = on_the_cpu};
///     crosstrace::CompareOptions options;
///     options.evidence.emplace().referee = [&]() -> const crosstrace::Referee& { return referee; };
///     std::cout << crosstrace::compare(on_cuda, on_the_cpu).matches() << '\n'
///               << crosstrace::compare(on_cuda, on_the_cpu, options).matches() << '\n';
///
/// prints
///
///     0
///     1
///
/// A right device may be as far from the exact answer as the order of its sums takes it: further
/// the larger the numbers and the deeper the model, which no rtol and atol of a dtype can know. The
/// reference has such an error too, and it can be measured.
#pragma once

#include <ATen/core/ivalue.h>

#include <functional>
#include <map>
#include <string>
#include <utility>

namespace crosstrace {

/// What decides about numbers outside the tolerances of torch.testing.
enum class ToleranceMode {
  kEvidence,  ///< A float64 run, if there is one.
  kFixed,     ///< Nothing else: they differ.
};

/// So many times the noise a device's error may be. Measured on 301 exports on an H200: right
/// float32 kernels stay below 10, TF32 goes from 10 to 20,000, one weight off by 1 % makes 32 and
/// more.
inline constexpr double kEvidenceLimit = 16;

/// What one export answers on the CPU to one call, in the structure and shapes of the expected
/// value. All tensors are on the CPU.
struct Referee {
  c10::IValue in_float64;        ///< Its floats are float64, its complex numbers complex128.
  c10::IValue in_own_precision;  ///< How far it is from float64 tells what its rounding amounts to.
  std::string why_not;           ///< Why there is no referee, one line; empty if there is one.

  /// Both of what the call wrote beside its answer, by name (matrix/left_behind.h).
  std::map<std::string, std::pair<c10::IValue, c10::IValue>> written = {};
};

struct EvidenceOptions {
  /// Asked where numbers lie outside rtol and atol, and only then; for each such leaf, by the
  /// thread that compares. What it throws, `compare` throws.
  std::function<const Referee&()> referee;

  std::string reference = "the CPU";  ///< Whose answer the expected one is, for messages.

  /// The device may have rounded to TF32, which is then named where the error is of that size.
  bool may_be_tf32 = false;
};

}  // namespace crosstrace
