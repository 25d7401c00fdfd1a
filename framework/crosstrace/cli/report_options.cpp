// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/cli/options.h>
#include <crosstrace/cli/report_command.h>

#include <memory>

namespace crosstrace {
namespace {

void add_merge(CLI::App& report, Command& chosen) {
  const auto arguments = std::make_shared<MergeArguments>();
  CLI::App& merge = *report.add_subcommand("merge", "Make one report of many");
  merge.add_option("OUT", arguments->target, "The JSON report to write, or - for standard output")
      ->required();
  merge
      .add_option("REPORT", arguments->reports,
                  "JSON reports, and folders with such (CROSSTRACE_REPORT_DIR)")
      ->required();
  merge.add_option("--html", arguments->html, "Write an HTML report to FILE");
  merge.add_option("--junit", arguments->junit, "Write a JUnit XML report to FILE");
  merge.add_option("--sarif", arguments->sarif, "Write the findings as SARIF 2.1.0 to FILE");
  merge.add_flag("--github", arguments->github,
                 "Add to GitHub's step summary, and print annotations");
  merge.callback(
      [&chosen, arguments] { chosen = [arguments] { return run_merge_command(*arguments); }; });
}

void add_gate(CLI::App& report, Command& chosen) {
  const auto arguments = std::make_shared<GateArguments>();
  CLI::App& gate = *report.add_subcommand(
      "gate", "Fail if a cell or a device of the ledger, a report that was kept, is gone");
  gate.add_option("LEDGER", arguments->ledger, "The JSON report to hold them against")->required();
  gate.add_option("REPORT", arguments->reports, "JSON reports, and folders with such")->required();
  gate.callback(
      [&chosen, arguments] { chosen = [arguments] { return run_gate_command(*arguments); }; });
}

}  // namespace

void add_report_options(CLI::App& app, Command& chosen) {
  CLI::App& report = *app.add_subcommand("report", "Work with JSON reports");
  report.require_subcommand(1);
  add_merge(report, chosen);
  add_gate(report, chosen);
}

}  // namespace crosstrace
