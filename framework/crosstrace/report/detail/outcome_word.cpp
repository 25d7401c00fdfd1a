// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/report/detail/outcome_word.h>

namespace crosstrace::detail {

const char* outcome_word(const CellResult& cell) noexcept {
  switch (outcome(cell)) {
    case Outcome::kPassed:
      return cell.failed_as_expected ? "declared" : "passed";
    case Outcome::kFailed:
      return "failed";
    case Outcome::kUntrusted:
      return "untrusted";
    case Outcome::kSkipped:
      break;
  }
  return "skipped";
}

}  // namespace crosstrace::detail
