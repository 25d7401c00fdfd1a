// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/report/inspection.h>
#include <torch/version.h>

#include <algorithm>
#include <utility>

namespace crosstrace {

Inspection make_inspection(std::string archive, std::vector<Finding> findings,
                           std::vector<OperatorUse> operators) {
  return {CROSSTRACE_VERSION, TORCH_VERSION, std::move(archive), std::move(findings),
          std::move(operators)};
}

int exit_code(const Inspection& inspection, std::optional<Severity> fails_from) noexcept {
  const auto& findings = inspection.findings;
  const bool fails = std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
    return fails_from && finding.severity >= *fails_from;
  });
  return fails ? 1 : 0;
}

}  // namespace crosstrace
