// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/Version.h>
#include <crosstrace/compare/detail/vector_pass.h>

#include <string>

namespace crosstrace::detail {
namespace {

const Passes* best_passes() {
  const std::string capability = at::get_cpu_capability();
  const bool has_avx512 = capability.starts_with("AVX512");
  if (has_avx512 && avx512_passes()) return avx512_passes();
  if ((has_avx512 || capability.starts_with("AVX2")) && avx2_passes()) return avx2_passes();
  return baseline_passes();
}

}  // namespace

const Passes& chosen_passes() {
  static const Passes* const chosen = best_passes();
  return *chosen;
}

}  // namespace crosstrace::detail
