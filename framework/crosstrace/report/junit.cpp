// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/one_line.h>
#include <crosstrace/base/printable.h>
#include <crosstrace/report/detail/device_note.h>
#include <crosstrace/report/detail/findings.h>
#include <crosstrace/report/detail/grid.h>
#include <crosstrace/report/detail/outcome_word.h>
#include <crosstrace/report/junit.h>

#include <algorithm>
#include <cstdio>
#include <pugixml.hpp>
#include <sstream>

namespace crosstrace {
namespace {

std::string seconds(double milliseconds) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.3f", milliseconds / 1000);
  return buffer;
}

struct Counts {
  int tests = 0;
  int failures = 0;
  int skipped = 0;
  double duration_ms = 0;

  void add(const CellResult& cell) {
    ++tests;
    failures += detail::is_failure(cell);
    skipped += outcome(cell) == Outcome::kSkipped;
    duration_ms += cell.duration_ms;
  }
};

void set_counts(pugi::xml_node node, const Counts& counts) {
  node.append_attribute("tests") = counts.tests;
  node.append_attribute("failures") = counts.failures;
  node.append_attribute("errors") = 0;
  node.append_attribute("skipped") = counts.skipped;
  node.append_attribute("time") = seconds(counts.duration_ms).c_str();
}

std::string failure_text(const CellResult& cell) {
  if (cell.verdict != Verdict::kMatch) return cell.message;
  return "matches, though a failure is declared: " + cell.expected_failure;
}

/// A system of CI shows one failure at a time, so each tells its causes in full.
std::string with_causes(const CellResult& cell, const detail::FindingIndex& findings) {
  std::string text = failure_text(cell);
  if (!cell.causes.empty()) text += "\n\ncaused by " + detail::list_causes(cell);
  for (const auto* finding : findings.causes(cell)) {
    text += "\n\n" + std::string(to_string(finding->severity)) + ": " + detail::title(*finding) +
            " [" + finding->id + "]";
    for (const auto& line : detail::explanation(*finding)) text += "\n  " + line;
  }
  if (!cell.repeat.empty()) text += "\n\nrun it again: " + cell.repeat;
  return text;
}

/// Where GitHub's annotations and GitLab's links lead: the first line of the model's that a cause
/// names.
void add_place(pugi::xml_node test_case, const std::vector<const Finding*>& causes) {
  const auto cause = std::find_if(causes.begin(), causes.end(),
                                  [](const Finding* finding) { return finding->source; });
  if (cause == causes.end()) return;
  test_case.append_attribute("file") = printable((*cause)->source->file).c_str();
  test_case.append_attribute("line") = (*cause)->source->line;
}

// GitLab shows the text of an element and nothing of its attributes, Jenkins shows both.
void add_failure(pugi::xml_node test_case, const CellResult& cell,
                 const detail::FindingIndex& findings) {
  add_place(test_case, findings.causes(cell));
  const std::string type(cell.verdict == Verdict::kMatch ? "unexpected_match"
                                                         : to_string(cell.verdict));
  auto failure = test_case.append_child("failure");
  failure.append_attribute("type") = type.c_str();
  failure.append_attribute("message") = printable(first_line(failure_text(cell))).c_str();
  failure.text() = printable(with_causes(cell, findings)).c_str();
}

void add_skipped(pugi::xml_node test_case, const CellResult& cell) {
  auto skipped = test_case.append_child("skipped");
  skipped.append_attribute("message") = printable(first_line(cell.message)).c_str();
  skipped.text() = printable(cell.message).c_str();
}

// `SimpleModel: trace on cpu, ...` without the model, which is the suite. Often the name is all that
// is shown, so it must not read as CUDA's.
std::string case_name(const CellId& id, const std::vector<DeviceInfo>& devices) {
  const auto note = detail::device_note(id.run_device, devices);
  return printable(id.describe().substr(id.model.size() + 2) +
                   (note.empty() ? "" : " (" + note + ")"));
}

void add_case(pugi::xml_node suite, const CellResult& cell, const Report& report,
              const detail::FindingIndex& findings) {
  auto test_case = suite.append_child("testcase");
  const auto machine = cell.machine.empty() ? "" : " (" + cell.machine + ")";
  const auto of_test = cell.assertion.empty() ? "" : ", " + cell.assertion;
  test_case.append_attribute("classname") = printable(cell.id.model + machine).c_str();
  test_case.append_attribute("name") =
      (case_name(cell.id, report.devices) + printable(of_test)).c_str();
  test_case.append_attribute("time") = seconds(cell.duration_ms).c_str();
  switch (outcome(cell)) {
    case Outcome::kFailed:
    case Outcome::kUntrusted:
      return add_failure(test_case, cell, findings);
    case Outcome::kSkipped:
      return add_skipped(test_case, cell);
    case Outcome::kPassed:
      if (is_decided_by_evidence(cell)) {
        test_case.append_child("system-out").text() =
            printable("decided by evidence: " + cell.message).c_str();
      }
      if (!cell.failed_as_expected) return;
      test_case.append_child("system-out").text() =
          printable("failed as declared (" + cell.expected_failure + "): " + cell.message).c_str();
  }
}

void add_note(pugi::xml_node suite, const Report& report) {
  const auto note = detail::simulation_note(report.devices);
  if (note.empty()) return;
  auto property = suite.append_child("properties").append_child("property");
  property.append_attribute("name") = "simulated devices";
  property.append_attribute("value") = note.c_str();
}

void add_suite(pugi::xml_node suites, const detail::Grid& grid, const Report& report,
               const detail::FindingIndex& findings) {
  auto suite = suites.append_child("testsuite");
  suite.append_attribute("name") = printable(grid.title()).c_str();
  add_note(suite, report);
  Counts counts;
  for (const auto& cell : report.cells) {
    if (!grid.has(cell)) continue;
    counts.add(cell);
    add_case(suite, cell, report, findings);
  }
  set_counts(suite, counts);
}

}  // namespace

std::string to_junit(const Report& report) {
  pugi::xml_document document;
  auto declaration = document.append_child(pugi::node_declaration);
  declaration.append_attribute("version") = "1.0";
  declaration.append_attribute("encoding") = "UTF-8";
  auto suites = document.append_child("testsuites");
  suites.append_attribute("name") = "CrossTrace";
  Counts counts;
  for (const auto& cell : report.cells) counts.add(cell);
  set_counts(suites, counts);
  const detail::FindingIndex findings(report.findings);
  for (const auto& grid : detail::make_grids(report.cells)) {
    add_suite(suites, grid, report, findings);
  }
  std::ostringstream text;
  document.save(text, "  ");
  return text.str();
}

}  // namespace crosstrace
