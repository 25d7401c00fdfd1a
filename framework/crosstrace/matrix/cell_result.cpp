// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/matrix/cell_result.h>

#include <algorithm>
#include <sstream>
#include <utility>

namespace crosstrace {

std::string describe(const PrecisionEffect& effect) {
  if (effect.max_abs == 0) return "TF32 is allowed, and changes nothing of these answers";
  std::ostringstream text;
  text.precision(3);
  text << "TF32 is allowed, and moves these answers by up to " << effect.max_abs << " (relative "
       << effect.max_rel << ")";
  return std::move(text).str();
}

Outcome outcome(const CellResult& result) noexcept {
  if (result.verdict == Verdict::kSkipped) return Outcome::kSkipped;
  if (!result.expected_failure.empty()) {
    return result.failed_as_expected ? Outcome::kPassed : Outcome::kFailed;
  }
  if (result.verdict == Verdict::kUntrusted) return Outcome::kUntrusted;
  return is_failure(result.verdict) ? Outcome::kFailed : Outcome::kPassed;
}

bool is_decided_by_evidence(const CellResult& result) noexcept {
  return result.verdict == Verdict::kMatch && result.expected_failure.empty() &&
         std::any_of(result.outputs.begin(), result.outputs.end(), [](const auto& leaf) {
           return leaf.evidence && leaf.evidence->decided_by == Evidence::DecidedBy::kEvidence;
         });
}

}  // namespace crosstrace
