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

bool is_failure(const CellResult& cell) noexcept {
  const Outcome result = outcome(cell);
  return result == Outcome::kFailed || result == Outcome::kUntrusted;
}

}  // namespace crosstrace::detail
