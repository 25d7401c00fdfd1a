// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/report/repair_report.h>
#include <torch/version.h>

#include <utility>

namespace crosstrace {

RepairReport make_repair_report(RepairResult result) {
  return {CROSSTRACE_VERSION, TORCH_VERSION, std::move(result)};
}

int exit_code(const RepairReport& report) noexcept {
  return report.result.written && report.result.left.empty() ? 0 : 1;
}

}  // namespace crosstrace
