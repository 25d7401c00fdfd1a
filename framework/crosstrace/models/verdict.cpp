// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/models/verdict.h>

namespace crosstrace {

std::string_view to_string(Verdict verdict) noexcept {
  switch (verdict) {
    case Verdict::kMatch:
      return "match";
    case Verdict::kMismatch:
      return "mismatch";
    case Verdict::kNonfinite:
      return "nonfinite";
    case Verdict::kWrongDevice:
      return "wrong_device";
    case Verdict::kWrongShape:
      return "wrong_shape";
    case Verdict::kWrongDtype:
      return "wrong_dtype";
    case Verdict::kUnstable:
      return "unstable";
    case Verdict::kError:
      return "error";
    case Verdict::kCrashed:
      return "crashed";
    case Verdict::kTimeout:
      return "timeout";
    case Verdict::kUntrusted:
      return "untrusted";
    case Verdict::kSkipped:
      break;
  }
  return "skipped";
}

bool is_failure(Verdict verdict) noexcept {
  return verdict != Verdict::kMatch && verdict != Verdict::kSkipped;
}

}  // namespace crosstrace
