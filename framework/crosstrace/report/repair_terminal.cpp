// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/one_line.h>
#include <crosstrace/base/printable.h>
#include <crosstrace/report/detail/finding_terminal.h>
#include <crosstrace/report/detail/outcome_word.h>
#include <crosstrace/report/detail/text.h>
#include <crosstrace/report/repair_terminal.h>
#include <crosstrace/report/report.h>

#include <ostream>

namespace crosstrace {
namespace {

constexpr const char* kGood = "32";
constexpr const char* kBad = "1;31";

/// `model.py:14, aten::arange in encoder.encode [device-literal-1]`
std::string title(const RepairStep& step) {
  std::string text = step.source ? step.source->str() + ", " : "";
  if (text.empty() && !step.function.empty()) text = "in " + step.function + ", ";
  if (step.operator_name.empty() && step.attribute.empty()) {
    text += "storages";
  } else {
    text += step.operator_name.empty() ? "attribute " + step.attribute : step.operator_name;
  }
  if (!step.method.empty()) text += " in " + step.method;
  for (const auto& id : step.findings) text += (&id == &step.findings[0] ? " [" : ", ") + id;
  return printable(text + (step.findings.empty() ? "" : "]"));
}

/// `cuda:0, sim:0 standing in`
std::string home(const RepairResult& result) {
  if (result.stand_ins.empty()) return result.home;
  const std::string stand_ins = describe_stand_ins(result.stand_ins);
  return result.stand_ins.contains(result.home) ? stand_ins : result.home + " (" + stand_ins + ")";
}

void write_steps(std::ostream& stream, const std::vector<RepairStep>& steps,
                 const std::string& heading) {
  for (const auto& step : steps) {
    stream << heading << " " << title(step) << "\n  " << printable(step.text) << "\n";
    if (!step.advice.empty()) stream << "  " << printable(step.advice) << "\n";
  }
  if (!steps.empty()) stream << "\n";
}

void write_failed_cells(std::ostream& stream, const std::vector<CellResult>& cells) {
  for (const auto& cell : cells) {
    if (!detail::is_failure(cell)) continue;
    stream << "  " << printable(cell.id.describe()) << "\n    " << to_string(cell.verdict) << ": "
           << printable(first_line(cell.message)) << "\n";
  }
}

void write_evidence(std::ostream& stream, const std::vector<CellResult>& cells) {
  for (const auto& cell : cells) {
    if (!is_decided_by_evidence(cell)) continue;
    stream << "  " << printable(cell.id.describe())
           << "\n    decided by evidence: " << printable(first_line(cell.message)) << "\n";
  }
}

void write_proof(std::ostream& stream, const RepairResult& result) {
  if (!result.proof) return;
  Report report;
  report.cells = result.proof->cells;
  const auto summary = report.summary();
  const int same = result.proof->calls_at_home;
  stream << same << (same == 1 ? " answer" : " answers") << " on " << printable(home(result))
         << (same == 1 ? " is" : " are") << " the same to the last bit; "
         << detail::cell_count(static_cast<std::size_t>(summary.passed))
         << " of the repaired archive passed, " << summary.failed + summary.untrusted << " failed, "
         << summary.skipped << " skipped\n";
  write_evidence(stream, report.cells);
  write_failed_cells(stream, report.cells);
}

}  // namespace

void write_terminal(std::ostream& stream, const RepairReport& report, Colors colors) {
  const auto& result = report.result;
  stream << "CrossTrace " << report.tool_version << ", LibTorch " << report.libtorch_version << ": "
         << printable(result.archive) << ", made on " << printable(home(result)) << "\n";
  for (const auto& [device, twin] : result.stand_ins) {
    if (result.asks_for_cuda) stream << not_stood_in_for(twin) << "\n";
  }
  stream << "\n";
  write_steps(stream, result.steps, detail::colored("changed:", kGood, colors));
  write_steps(stream, result.left, detail::colored("left:", kBad, colors));
  write_proof(stream, result);
  const auto changes = result.steps.size();
  stream << changes << (changes == 1 ? " change, " : " changes, ") << result.left.size()
         << " left; " << printable(result.target)
         << (result.written ? " is written" : " is not written: " + printable(result.why_not))
         << "\n";
}

}  // namespace crosstrace
