// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/one_line.h>
#include <crosstrace/base/printable.h>
#include <crosstrace/report/detail/findings.h>
#include <crosstrace/report/detail/grid.h>
#include <crosstrace/report/detail/outcome_word.h>
#include <crosstrace/report/detail/text.h>
#include <crosstrace/report/github.h>

#include <algorithm>
#include <pugixml.hpp>
#include <sstream>
#include <vector>

namespace crosstrace {
namespace {

using detail::Grid;
using pugi::xml_node;

constexpr std::size_t kMostBytes = 1'000'000;
constexpr std::size_t kMostFailures = 20;  ///< Of a model, in full.

/// On one line: GitHub's Markdown takes what follows an empty line for Markdown again, even inside
/// a tag.
std::string on_one_line(std::string_view text) {
  std::string line = printable(text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

xml_node add(xml_node parent, const char* tag, std::string_view text = "") {
  xml_node node = parent.append_child(tag);
  if (!text.empty()) node.text() = on_one_line(text).c_str();
  return node;
}

std::string to_text(const pugi::xml_document& document) {
  std::ostringstream text;
  document.save(
      text, "",
      pugi::format_raw | pugi::format_no_declaration | pugi::format_no_empty_element_tags);
  return text.str() + "\n\n";
}

bool has_failure(const Grid& grid) {
  return std::any_of(grid.rows.begin(), grid.rows.end(), [](const auto& row) {
    return std::any_of(row.cells.begin(), row.cells.end(), [](const CellResult* cell) {
      return cell != nullptr && detail::is_failure(*cell);
    });
  });
}

void add_head(xml_node table, const Grid& grid) {
  xml_node devices = add(table, "tr"), transfers = add(table, "tr");
  add(devices, "th");
  add(transfers, "th");
  for (const auto& column : grid.columns) {
    xml_node cell = add(devices, "th", "run on " + column.run_device);
    cell.append_attribute("colspan") = static_cast<unsigned>(column.transfers.size());
    for (const Transfer transfer : column.transfers) add(transfers, "th", to_string(transfer));
  }
}

void add_table(xml_node parent, const Grid& grid) {
  xml_node table = add(parent, "table");
  add_head(table, grid);
  for (const auto& row : grid.rows) {
    xml_node node = add(table, "tr");
    add(node, "th", row.label);
    for (const CellResult* cell : row.cells) {
      xml_node entry = add(node, "td");
      if (cell == nullptr) continue;
      const std::string mark = detail::mark(*cell);
      detail::is_failure(*cell) ? add(entry, "b", mark) : add(entry, "span", mark);
    }
  }
}

void add_failure(xml_node list, const CellResult& cell, const detail::FindingIndex& findings) {
  xml_node item = add(list, "li");
  add(item, "b", detail::meaning(cell));
  add(item, "span", " " + cell.id.describe());
  add(add(item, "div"), "code",
      cell.verdict == Verdict::kMatch ? cell.expected_failure : first_line(cell.message));
  for (const Finding* finding : findings.causes(cell)) {
    add(item, "div", "because: " + detail::title(*finding) + ": " + finding->message);
  }
}

std::string grid_text(const Grid& grid, const detail::FindingIndex& findings) {
  pugi::xml_document document;
  xml_node details = add(document, "details");
  if (has_failure(grid)) details.append_attribute("open") = "open";
  add(details, "summary", grid.title());
  add_table(details, grid);
  xml_node list;
  std::size_t failures = 0;
  for (const auto& row : grid.rows) {
    for (const CellResult* cell : row.cells) {
      if (cell == nullptr || !detail::is_failure(*cell) || ++failures > kMostFailures) continue;
      if (!list) list = add(details, "ul");
      add_failure(list, *cell, findings);
    }
  }
  if (failures > kMostFailures)
    add(list, "li", "and " + detail::cell_count(failures - kMostFailures) + " more");
  return to_text(document);
}

std::string heading(const Report& report) {
  pugi::xml_document document;
  xml_node head = add(document, "div");
  add(add(head, "div"), "b", "CrossTrace: " + detail::summary_line(report.summary()));
  add(head, "div", "CrossTrace " + report.tool_version + ", LibTorch " + report.libtorch_version);
  if (const auto note = detail::simulation_note(report.devices); !note.empty()) {
    add(head, "div", note);
  }
  for (const auto& reason : detail::skip_reasons(report.cells)) {
    add(head, "div", "skipped: " + detail::cell_count(reason.cells) + ": " + reason.reason);
  }
  return to_text(document);
}

}  // namespace

std::string to_step_summary(const Report& report) {
  std::string text = heading(report);
  const detail::FindingIndex findings(report.findings);
  std::vector<Grid> grids = detail::make_grids(report.cells);
  std::stable_partition(grids.begin(), grids.end(),
                        [](const Grid& grid) { return has_failure(grid); });
  std::size_t left_out = 0;
  for (const Grid& grid : grids) {
    const std::string next = grid_text(grid, findings);
    if (left_out > 0 || text.size() + next.size() >= kMostBytes) {
      ++left_out;
    } else {
      text += next;
    }
  }
  if (left_out > 0) {
    text += std::to_string(left_out) + " models did not fit in here; the report has them.\n";
  }
  return text;
}

}  // namespace crosstrace
