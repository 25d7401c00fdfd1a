// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/cli/child_process.h>
#include <crosstrace/cli/isolate.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/matrix/run.h>
#include <crosstrace/report/json.h>
#include <crosstrace/report/make_report.h>
#include <crosstrace/report/read_json.h>
#include <string.h>

#include <algorithm>

namespace crosstrace {
namespace {

CellResult without_result(const CellId& id, const ChildResult& child, std::chrono::seconds limit) {
  CellResult result;
  result.id = id;
  if (child.how == ChildResult::kTimedOut) {
    result.verdict = Verdict::kTimeout;
    result.message = "still running after " + std::to_string(limit.count()) + " s; killed";
    return result;
  }
  result.verdict = Verdict::kCrashed;
  result.message = child.signal == 0
                       ? "its process ended without a result"
                       : std::string("its process died: SIG") + sigabbrev_np(child.signal) + " (" +
                             strsignal(child.signal) + ")";
  return result;
}

MatrixResult run_alone(const RunOptions& options, const CellId& id, std::chrono::seconds limit) {
  const ChildResult child =
      run_in_child([&] { return to_json(make_report({}, run_cells(options, {id}))); }, limit);
  if (child.how != ChildResult::kReturned || child.output.empty())
    return {{without_result(id, child, limit)}, {}};
  Report report = report_from_json(child.output);
  report.cells.at(0).id = id;
  return {std::move(report.cells), std::move(report.findings)};
}

/// Every child that diagnoses an export finds the same under the same ids.
void add_new(std::vector<Finding>& findings, std::vector<Finding> more) {
  for (Finding& finding : more) {
    const bool known = std::any_of(findings.begin(), findings.end(),
                                   [&](const Finding& other) { return other.id == finding.id; });
    if (!known) findings.push_back(std::move(finding));
  }
}

}  // namespace

Report run_isolated(const RunOptions& options, const std::vector<std::string>& devices,
                    const std::vector<CellId>& cells, std::chrono::seconds limit,
                    const std::function<void(const CellId&)>& before_each) {
  MatrixResult all;
  for (const CellId& id : cells) {
    if (before_each) before_each(id);
    MatrixResult one = run_alone(options, id, limit);
    all.cells.push_back(std::move(one.cells.at(0)));
    add_new(all.findings, std::move(one.findings));
  }
  // Looks at the devices last: nothing forks after that.
  return make_report(probe_devices(devices), std::move(all));
}

}  // namespace crosstrace
