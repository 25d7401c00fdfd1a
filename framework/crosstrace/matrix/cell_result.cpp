// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/matrix/cell_result.h>

namespace crosstrace {

Outcome outcome(const CellResult& result) noexcept {
  if (result.verdict == Verdict::kSkipped) return Outcome::kSkipped;
  if (!result.expected_failure.empty()) {
    return result.failed_as_expected ? Outcome::kPassed : Outcome::kFailed;
  }
  if (result.verdict == Verdict::kUntrusted) return Outcome::kUntrusted;
  return is_failure(result.verdict) ? Outcome::kFailed : Outcome::kPassed;
}

}  // namespace crosstrace
