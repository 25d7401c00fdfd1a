// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/one_line.h>
#include <crosstrace/base/write_file.h>
#include <crosstrace/cli/report_command.h>
#include <crosstrace/cli/rule_descriptions.h>
#include <crosstrace/cli/usage_error.h>
#include <crosstrace/devices/declared.h>
#include <crosstrace/report/gate.h>
#include <crosstrace/report/github.h>
#include <crosstrace/report/html.h>
#include <crosstrace/report/json.h>
#include <crosstrace/report/junit.h>
#include <crosstrace/report/make_report.h>
#include <crosstrace/report/merge.h>
#include <crosstrace/report/read_json.h>
#include <crosstrace/report/sarif.h>
#include <crosstrace/report/terminal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

namespace crosstrace {
namespace {

namespace fs = std::filesystem;

NamedReport read(const fs::path& file) {
  if (fs::is_directory(file)) {
    throw UsageError(file.string() + " is a folder, no report: report merge makes one of it");
  }
  std::ifstream stream(file, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  if (!stream) throw UsageError("cannot read " + file.string());
  try {
    return {file.string(), report_from_json(text)};
  } catch (const std::exception& error) {
    throw UsageError(file.string() + ": " + one_line(error));
  }
}

std::vector<fs::path> reports_in(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().extension() == ".json")
      files.push_back(entry.path());
  }
  if (files.empty()) throw UsageError(folder.string() + " holds no report: no *.json is in it");
  std::sort(files.begin(), files.end());
  return files;
}

MergedReport merged(const std::vector<std::string>& paths) {
  std::vector<NamedReport> reports;
  for (const std::string& path : paths) {
    if (!fs::is_directory(path)) {
      reports.push_back(read(path));
      continue;
    }
    for (const fs::path& file : reports_in(path)) reports.push_back(read(file));
  }
  return merge_reports(std::move(reports));
}

std::string step_summary_file() {
  const char* path = std::getenv("GITHUB_STEP_SUMMARY");
  if (path != nullptr && *path != '\0') return path;
  throw UsageError("--github: GITHUB_STEP_SUMMARY names no file; GitHub Actions sets it");
}

void write_for_github(const Report& report) {
  const std::string path = step_summary_file();
  // Other steps write into the same file, so it is added to.
  std::ofstream stream(path, std::ios::app | std::ios::binary);
  stream << to_step_summary(report) << std::flush;
  if (!stream) throw UsageError("cannot write " + path);
  const char* checkout = std::getenv("GITHUB_WORKSPACE");
  std::cout << to_annotations(report,
                              checkout == nullptr ? fs::current_path() : fs::path(checkout));
}

void write_reports(const MergeArguments& arguments, const MergedReport& all) {
  const Report& report = all.report;
  if (arguments.target == "-") {
    std::cout << to_json(report) << std::flush;
  } else {
    write_file(arguments.target, to_json(report));
    write_terminal(std::cout, report, colors_for(STDOUT_FILENO));
  }
  if (!arguments.html.empty()) write_file(arguments.html, to_html(report));
  if (!arguments.junit.empty()) write_file(arguments.junit, to_junit(report));
  if (!arguments.sarif.empty()) {
    Inspection inspection = make_inspection(arguments.target, report.findings, {});
    write_file(arguments.sarif, to_sarif(inspection, rule_descriptions()));
  }
  if (arguments.github) write_for_github(report);
}

}  // namespace

int run_merge_command(const MergeArguments& arguments) {
  if (arguments.github) {
    (void)step_summary_file();
    if (arguments.target == "-")
      throw UsageError("--github writes to standard output too; give OUT.json a name");
  }
  const MergedReport all = merged(arguments.reports);
  write_reports(arguments, all);
  for (const std::string& problem : all.problems) std::cerr << "crosstrace: " << problem << '\n';
  return all.problems.empty() ? exit_code(all.report) : 1;
}

int run_gate_command(const GateArguments& arguments) {
  const NamedReport ledger = read(arguments.ledger);
  const Report report = merged(arguments.reports).report;
  const char* required = std::getenv("CROSSTRACE_REQUIRE_DEVICES");
  const std::vector<std::string> lines =
      what_vanished(ledger.report, report, split_list(required == nullptr ? "" : required));
  for (const std::string& line : lines) std::cout << line << '\n';
  if (lines.empty()) std::cout << "all that " << arguments.ledger << " has is there\n";
  return lines.empty() ? 0 : 1;
}

}  // namespace crosstrace
