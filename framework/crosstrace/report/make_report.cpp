// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/report/make_report.h>
#include <torch/version.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>
#include <utility>

namespace crosstrace {
namespace {

/// GitHub names its runners; the name of the host tells others apart.
std::string machine_name() {
  const char* runner = std::getenv("RUNNER_NAME");
  if (runner != nullptr && *runner != '\0') return runner;
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

}  // namespace

Report make_report(std::vector<DeviceInfo> devices, MatrixResult result) {
  Report report;
  report.tool_version = CROSSTRACE_VERSION;
  report.libtorch_version = TORCH_VERSION;
  report.machine = machine_name();
  report.devices = std::move(devices);
  report.cells = std::move(result.cells);
  report.findings = std::move(result.findings);
  return report;
}

void add_stand_ins(Report& report, const StandIns& stand_ins, bool asks_for_cuda) {
  for (DeviceInfo& row : report.devices) {
    const auto found = stand_ins.find(row.name);
    if (found == stand_ins.end()) continue;
    row.stands_in = found->second;
    if (asks_for_cuda) row.reason += "; " + not_stood_in_for(found->second);
  }
}

int exit_code(const Report& report) noexcept {
  const Summary summary = report.summary();
  if (summary.failed + summary.untrusted > 0) return 1;
  return summary.passed > 0 ? 0 : 77;
}

}  // namespace crosstrace
