// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/printable.h>
#include <crosstrace/report/detail/finding_terminal.h>
#include <crosstrace/report/detail/findings.h>
#include <crosstrace/report/inspection_terminal.h>

#include <map>
#include <ostream>

namespace crosstrace {
namespace {

std::string operator_count(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " operator" : " operators");
}

std::map<std::string, std::string> missing_kernels(const std::vector<OperatorUse>& operators) {
  std::map<std::string, std::string> names_by_target;
  for (const auto& use : operators) {
    for (const auto& [target, has_kernel] : use.kernels) {
      if (has_kernel) continue;
      auto& names = names_by_target[target];
      names += (names.empty() ? "" : ", ") + use.name;
    }
  }
  return names_by_target;
}

}  // namespace

void write_terminal(std::ostream& stream, const Inspection& inspection, Colors colors) {
  stream << "CrossTrace " << inspection.tool_version << ", LibTorch " << inspection.libtorch_version
         << ": " << printable(inspection.archive) << "\n\n";
  for (const auto* finding : detail::by_severity(inspection.findings)) {
    detail::write_finding(stream, *finding, colors, "");
    stream << "\n";
  }
  stream << operator_count(inspection.operators.size()) << "\n";
  for (const auto& [target, names] : missing_kernels(inspection.operators)) {
    stream << "  without a kernel for " << printable(target) << ": " << printable(names) << "\n";
  }
  stream << detail::count_findings(inspection.findings) << "\n";
}

}  // namespace crosstrace
