// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/one_line.h>
#include <crosstrace/base/printable.h>
#include <crosstrace/report/detail/device_note.h>
#include <crosstrace/report/detail/findings.h>
#include <crosstrace/report/detail/grid.h>
#include <crosstrace/report/detail/outcome_word.h>
#include <crosstrace/report/detail/page_frame.h>
#include <crosstrace/report/detail/text.h>

#include <algorithm>
#include <map>
#include <pugixml.hpp>
#include <sstream>

namespace crosstrace::detail {
namespace {

using pugi::xml_node;

// Who wants more of them reads the JSON report.
constexpr std::size_t kListedLines = 200;

xml_node add(xml_node parent, const char* tag, const std::string& text = "",
             const char* css_class = nullptr) {
  auto node = parent.append_child(tag);
  if (css_class != nullptr) node.append_attribute("class") = css_class;
  if (!text.empty()) node.append_child(pugi::node_pcdata).set_value(printable(text).c_str());
  return node;
}

// What scrolls by itself must be reached by a keyboard, and then has a name.
xml_node add_table(xml_node parent, const char* name, const std::vector<std::string>& columns) {
  auto frame = add(parent, "div", "", "scroll");
  frame.append_attribute("tabindex") = 0;
  frame.append_attribute("role") = "group";
  frame.append_attribute("aria-label") = name;
  auto table = add(frame, "table", "", "facts");
  auto head = add(add(table, "thead"), "tr");
  for (const auto& column : columns) add(head, "th", column).append_attribute("scope") = "col";
  return add(table, "tbody");
}

xml_node add_row(xml_node table, const std::string& name) {
  auto row = add(table, "tr");
  add(row, "th", name, "text").append_attribute("scope") = "row";
  return row;
}

using Cells = std::vector<const CellResult*>;

void add_counts(xml_node row, const Cells& cells) {
  for (const auto wanted :
       {Outcome::kPassed, Outcome::kFailed, Outcome::kUntrusted, Outcome::kSkipped}) {
    const auto count = std::count_if(cells.begin(), cells.end(), [&](const CellResult* cell) {
      return outcome(*cell) == wanted;
    });
    add(row, "td", std::to_string(count), "number");
  }
}

void add_total(xml_node totals, int count, const std::string& word, const std::string& more = "") {
  add(add(totals, "li"), "span", std::to_string(count) + " " + word + more,
      ("badge " + (count > 0 ? word : "none")).c_str());
}

// A count that is quoted alone must not be taken for one of CUDA.
std::string simulated_passes(const Report& report) {
  const auto count =
      std::count_if(report.cells.begin(), report.cells.end(), [&](const CellResult& cell) {
        const bool is_simulated = !device_note(cell.id.run_device, report.devices).empty() ||
                                  !device_note(cell.id.trace_device, report.devices).empty();
        return is_simulated && outcome(cell) == Outcome::kPassed;
      });
  return count > 0 ? ", " + std::to_string(count) + " of them simulated" : "";
}

void add_totals(xml_node parent, const Report& report) {
  const auto summary = report.summary();
  auto totals = add(parent, "ul", "", "totals");
  add_total(totals, summary.passed, "passed", simulated_passes(report));
  add_total(totals, summary.failed, "failed");
  add_total(totals, summary.untrusted, "untrusted");
  add_total(totals, summary.skipped, "skipped");
}

struct DeviceRow {
  std::string state;
  std::string why;
  Cells cells = {};
};

std::string state_of(const DeviceInfo& device, const std::vector<DeviceInfo>& devices) {
  const auto note = device_note(device.name, devices);
  return std::string(to_string(device.state)) + (note.empty() ? "" : ", " + note);
}

void add_another(std::string& text, const std::string& more) {
  if (more.empty() || text.find(more) != std::string::npos) return;
  text += (text.empty() ? "" : "; ") + more;
}

/// Devices of several machines that have one name are one row, as their cells have one column.
void add_devices(xml_node parent, const Report& report) {
  std::vector<std::pair<std::string, DeviceRow>> rows;
  const auto row_of = [&](const std::string& name) -> DeviceRow& {
    const auto row = std::find_if(rows.begin(), rows.end(),
                                  [&](const auto& entry) { return entry.first == name; });
    return row != rows.end() ? row->second : rows.emplace_back(name, DeviceRow{}).second;
  };
  for (const auto& device : report.devices) {
    DeviceRow& row = row_of(device.name);
    add_another(row.state, state_of(device, report.devices));
    add_another(row.why, device.reason);
  }
  for (const auto& cell : report.cells) {
    DeviceRow& row = row_of(cell.id.run_device);
    if (row.state.empty()) row.state = device_note(cell.id.run_device, {});
    row.cells.push_back(&cell);
  }
  if (rows.empty()) return;
  auto table = add_table(parent, "Devices",
                         {"Run on", "State", "Passed", "Failed", "Untrusted", "Skipped", "Why"});
  for (const auto& [name, device] : rows) {
    auto row = add_row(table, name);
    add(row, "td", device.state);
    add_counts(row, device.cells);
    add(row, "td", device.why, "text");
  }
}

void add_notes(xml_node parent, const Report& report) {
  const bool any_on_cuda =
      std::any_of(report.cells.begin(), report.cells.end(), [](const auto& cell) {
        return cell.id.run_device.starts_with("cuda") && cell.verdict != Verdict::kSkipped;
      });
  const auto note = simulation_note(report.devices);
  if (!any_on_cuda) add(parent, "p", "No cell ran on CUDA.", "warn");
  if (!note.empty()) add(parent, "p", note, "warn");
}

void add_list(xml_node parent, const char* title, const std::vector<std::string>& lines) {
  if (lines.empty()) return;
  auto section = add(parent, "section");
  add(section, "h2", title);
  auto list = add(section, "ul");
  const auto listed = std::min(lines.size(), kListedLines);
  for (std::size_t i = 0; i < listed; ++i) add(list, "li", lines[i], "text");
  if (lines.size() > listed) {
    add(list, "li",
        "and " + std::to_string(lines.size() - listed) + " more; the JSON report has all");
  }
}

std::vector<std::string> declared_lines(const std::vector<CellResult>& cells) {
  std::map<std::string, std::size_t> declared;
  for (const auto& cell : cells) {
    if (cell.failed_as_expected) ++declared[cell.id.model + ": " + cell.expected_failure];
  }
  std::vector<std::string> lines;
  for (const auto& [cause, cells_of_it] : declared) {
    lines.push_back(cause + " (" + cell_count(cells_of_it) + ")");
  }
  return lines;
}

std::vector<std::string> skip_lines(const std::vector<CellResult>& cells) {
  std::vector<std::string> lines;
  for (const auto& [reason, skipped] : skip_reasons(cells)) {
    lines.push_back(cell_count(skipped) + ": " + reason);
  }
  return lines;
}

std::vector<std::string> failure_lines(const std::vector<CellResult>& cells) {
  std::vector<std::string> lines;
  for (const auto& cell : cells) {
    const bool failed = is_failure(cell);
    if (!failed && !is_decided_by_evidence(cell)) continue;
    const auto what = meaning(cell) + (failed ? "" : ", decided by evidence");
    const auto why = cell.verdict == Verdict::kMatch && failed ? cell.expected_failure
                                                               : first_line(cell.message);
    lines.push_back(cell.id.describe() + ": " + what + ": " + why);
  }
  return lines;
}

std::vector<std::string> finding_lines(const std::vector<Finding>& findings) {
  std::vector<std::string> lines;
  for (const auto* finding : by_severity(findings)) {
    auto line = std::string(to_string(finding->severity)) + ": " + title(*finding) + " [" +
                finding->id + "].";
    for (const auto& sentence : explanation(*finding)) line += " " + sentence;
    lines.push_back(line);
  }
  return lines;
}

void add_without_script(xml_node parent, const Report& report) {
  add(parent, "p", "No script runs here, so this is the short form of the report.", "warn");
  auto table = add_table(parent, "Models", {"Model", "Passed", "Failed", "Untrusted", "Skipped"});
  for (const auto& grid : make_grids(report.cells)) {
    Cells cells;
    for (const auto& row : grid.rows) {
      std::copy_if(row.cells.begin(), row.cells.end(), std::back_inserter(cells),
                   [](const CellResult* cell) { return cell != nullptr; });
    }
    add_counts(add_row(table, grid.title()), cells);
  }
  add_list(parent, "Cells to look at", failure_lines(report.cells));
  add_list(parent, "Findings", finding_lines(report.findings));
}

// A browser takes <td/> for an opening tag.
std::string to_text(const pugi::xml_document& document) {
  std::ostringstream text;
  document.save(text, "", pugi::format_no_declaration | pugi::format_no_empty_element_tags);
  return text.str();
}

}  // namespace

std::string page_header(const Report& report) {
  pugi::xml_document document;
  auto header = document.append_child("header");
  add(header, "h1", "CrossTrace report");
  const auto versions =
      "CrossTrace " + report.tool_version + ", LibTorch " + report.libtorch_version;
  add(header, "p", versions, "dim");
  add_totals(header, report);
  add_devices(header, report);
  add_notes(header, report);
  add_without_script(document.append_child("noscript"), report);
  return to_text(document);
}

std::string page_footer(const Report& report) {
  pugi::xml_document document;
  auto footer = document.append_child("footer");
  add_list(footer, "Failed as declared", declared_lines(report.cells));
  add_list(footer, "Skipped", skip_lines(report.cells));
  return to_text(document);
}

}  // namespace crosstrace::detail
