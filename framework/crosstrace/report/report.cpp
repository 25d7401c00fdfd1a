// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/report/report.h>

namespace crosstrace {

Summary Report::summary() const noexcept {
  Summary summary;
  for (const auto& cell : cells) {
    switch (outcome(cell)) {
      case Outcome::kPassed:
        ++summary.passed;
        break;
      case Outcome::kFailed:
        ++summary.failed;
        break;
      case Outcome::kSkipped:
        ++summary.skipped;
        break;
      case Outcome::kUntrusted:
        ++summary.untrusted;
        break;
    }
  }
  return summary;
}

}  // namespace crosstrace
