// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/diagnose/finding.h>

namespace crosstrace {

std::string_view to_string(Severity severity) noexcept {
  switch (severity) {
    case Severity::kNote:
      return "note";
    case Severity::kWarning:
      return "warning";
    case Severity::kError:
      return "error";
  }
  return "?";
}

std::string_view to_string(Repairability repair) noexcept {
  switch (repair) {
    case Repairability::kNone:
      return "none";
    case Repairability::kManual:
      return "manual";
    case Repairability::kAutomatic:
      return "automatic";
  }
  return "?";
}

std::string Finding::where() const {
  if (source) return source->str();
  if (!function.empty()) return "in " + function;
  if (!module_path.empty()) return "in module " + module_path;
  return method.empty() ? "in the module" : "in method " + method;
}

}  // namespace crosstrace
