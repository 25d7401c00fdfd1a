// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/one_line.h>
#include <crosstrace/report/detail/grid.h>
#include <crosstrace/report/detail/html_findings.h>
#include <crosstrace/report/detail/text.h>
#include <crosstrace/report/html.h>

#include <map>
#include <pugixml.hpp>
#include <sstream>

namespace crosstrace {
namespace {

using detail::add_element;
using detail::Grid;
using detail::printable;
using pugi::xml_node;

// No child combinators or ampersands here: they would be escaped, and a style element holds plain
// text.
constexpr const char* kStyle = R"(
:root { color-scheme: light dark; --line: #d0d7de; --dim: #59636e; --good: #1a7f37; --bad: #cf222e;
  --doubt: #9a6700; --good-tint: #dafbe1; --bad-tint: #ffebe9; --doubt-tint: #fff8c5; }
@media (prefers-color-scheme: dark) { :root { --line: #3d444d; --dim: #9198a1; --good: #3fb950;
  --bad: #ff7b72; --doubt: #d29922; --good-tint: #12261e; --bad-tint: #301a1f; --doubt-tint: #2a2111; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.4rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
.dim, .skipped { color: var(--dim); }
.totals { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0; }
.totals span { border: 1px solid var(--line); border-radius: .4rem; padding: .2rem .7rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; }
th, td { border: 1px solid var(--line); padding: .25rem .6rem; text-align: left; white-space: nowrap; }
th { font-weight: 600; } th[scope=row] { position: sticky; left: 0; background: Canvas; } td.wrap { white-space: normal; }
.passed { color: var(--good); background: var(--good-tint); }
.failed { color: var(--bad); background: var(--bad-tint); font-weight: 600; }
.untrusted { color: var(--doubt); background: var(--doubt-tint); font-weight: 600; }
.totals .skipped, .totals .none { color: var(--dim); background: none; font-weight: 400; }
details { margin: .4rem 0; } summary { cursor: pointer; overflow-wrap: anywhere; }
summary span { padding: 0 .3rem; border-radius: .2rem; }
details p { margin: .3rem 0 .3rem 1rem; overflow-wrap: anywhere; } a { color: inherit; }
pre { overflow-x: auto; border: 1px solid var(--line); border-radius: .4rem; padding: .6rem; font-size: .85rem; }
)";

const char* class_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPassed:
      return "passed";
    case Outcome::kFailed:
      return "failed";
    case Outcome::kUntrusted:
      return "untrusted";
    case Outcome::kSkipped:
      break;
  }
  return "skipped";
}

void add_head(xml_node html) {
  auto head = add_element(html, "head");
  add_element(head, "meta").append_attribute("charset") = "utf-8";
  auto viewport = add_element(head, "meta");
  viewport.append_attribute("name") = "viewport";
  viewport.append_attribute("content") = "width=device-width, initial-scale=1";
  add_element(head, "title", "CrossTrace report");
  add_element(head, "style").append_child(pugi::node_pcdata).set_value(kStyle);
}

void add_total(xml_node totals, int count, const std::string& word) {
  add_element(totals, "span", std::to_string(count) + " " + word,
              count > 0 ? word.c_str() : "none");
}

void add_devices(xml_node body, const Report& report) {
  if (report.devices.empty()) return;
  add_element(body, "h2", "Devices");
  auto table = add_element(add_element(body, "div", "", "scroll"), "table");
  for (const auto& device : report.devices) {
    auto row = add_element(table, "tr");
    add_element(row, "th", device.name).append_attribute("scope") = "row";
    add_element(row, "td",
                std::string(to_string(device.state)) + (device.simulated ? ", simulated" : "") +
                    (device.stands_in.empty() ? "" : ", " + device.stands_in + " standing in"));
    add_element(row, "td", device.reason, "wrap");
  }
  const auto note = detail::simulation_note(report.devices);
  if (!note.empty()) add_element(body, "p", note, "dim");
}

void add_table_head(xml_node table, const Grid& grid) {
  auto head = add_element(table, "thead");
  auto devices = add_element(head, "tr"), transfers = add_element(head, "tr");
  add_element(devices, "td").append_attribute("rowspan") = 2;
  for (const auto& column : grid.columns) {
    auto cell = add_element(devices, "th", "run on " + column.run_device);
    cell.append_attribute("colspan") = static_cast<unsigned>(column.transfers.size());
    cell.append_attribute("scope") = "colgroup";
    for (const auto transfer : column.transfers) {
      add_element(transfers, "th", std::string(to_string(transfer))).append_attribute("scope") =
          "col";
    }
  }
}

void add_cell(xml_node row, const CellResult* cell) {
  if (cell == nullptr) {
    add_element(row, "td");
    return;
  }
  auto node = add_element(row, "td", detail::mark(*cell), class_of(outcome(*cell)));
  node.append_attribute("title") = printable(detail::meaning(*cell)).c_str();
}

void add_table(xml_node body, const Grid& grid) {
  auto table = add_element(add_element(body, "div", "", "scroll"), "table");
  add_table_head(table, grid);
  auto rows = add_element(table, "tbody");
  for (const auto& row : grid.rows) {
    auto node = add_element(rows, "tr");
    add_element(node, "th", row.label).append_attribute("scope") = "row";
    for (const auto* cell : row.cells) add_cell(node, cell);
  }
}

// Failures unfold to all that is known; what is as declared stays out of the way under its cause.
void add_failure(xml_node body, const CellResult& cell, const Report& report,
                 const detail::FindingIndex& findings) {
  const auto result = outcome(cell);
  auto details = add_element(body, "details");
  auto summary = add_element(details, "summary");
  add_element(summary, "span", detail::meaning(cell), class_of(result));
  const bool is_match = cell.verdict == Verdict::kMatch;
  const auto line = is_match ? cell.expected_failure : first_line(cell.message);
  const auto text = " " + cell.id.describe() + " \xE2\x80\x94 " + line;
  summary.append_child(pugi::node_pcdata).set_value(printable(text).c_str());
  add_element(details, "pre", is_match ? cell.expected_failure : cell.message);
  detail::add_cause_links(details, cell, report, findings);
}

void add_evidence(xml_node body, const CellResult& cell) {
  auto details = add_element(body, "details");
  auto summary = add_element(details, "summary");
  add_element(summary, "span", "decided by evidence", class_of(outcome(cell)));
  const auto text = " " + cell.id.describe() + " \xE2\x80\x94 " + first_line(cell.message);
  summary.append_child(pugi::node_pcdata).set_value(printable(text).c_str());
  add_element(details, "pre", cell.message);
}

void add_failures(xml_node body, const detail::Grid& grid, const Report& report,
                  const detail::FindingIndex& findings) {
  std::map<std::string, std::size_t> declared;
  for (const auto& cell : report.cells) {
    if (!grid.has(cell)) continue;
    const auto result = outcome(cell);
    if (result == Outcome::kFailed || result == Outcome::kUntrusted) {
      add_failure(body, cell, report, findings);
    }
    if (is_decided_by_evidence(cell)) add_evidence(body, cell);
    if (cell.failed_as_expected) ++declared[cell.expected_failure];
  }
  for (const auto& [cause, cells] : declared) {
    add_element(
        body, "p",
        "In parentheses, failed as declared: " + cause + " (" + detail::cell_count(cells) + ").",
        "dim");
  }
}

void add_skipped(xml_node body, const Report& report) {
  const auto reasons = detail::skip_reasons(report.cells);
  if (reasons.empty()) return;
  add_element(body, "h2", "Skipped");
  auto list = add_element(body, "ul");
  for (const auto& [reason, cells] : reasons) {
    add_element(list, "li", detail::cell_count(cells) + ": " + reason);
  }
}

void add_body(xml_node html, const Report& report) {
  auto body = add_element(html, "body");
  add_element(body, "h1", "CrossTrace report");
  add_element(body, "div",
              "CrossTrace " + report.tool_version + ", LibTorch " + report.libtorch_version, "dim");
  const auto summary = report.summary();
  auto totals = add_element(body, "div", "", "totals");
  add_total(totals, summary.passed, "passed");
  add_total(totals, summary.failed, "failed");
  add_total(totals, summary.skipped, "skipped");
  add_total(totals, summary.untrusted, "untrusted");
  const detail::FindingIndex findings(report.findings);
  for (const auto& grid : detail::make_grids(report.cells)) {
    add_element(body, "h2", grid.title());
    add_table(body, grid);
    add_failures(body, grid, report, findings);
  }
  const auto legend = detail::legend(report.cells);
  if (!legend.empty()) add_element(body, "p", "Marks: " + legend + ".", "dim");
  detail::add_findings(body, report);
  add_skipped(body, report);
  add_devices(body, report);
}

// All of a text is escaped, so what looks like a tag is one. An end tag of meta is an error in
// HTML.
std::string without_meta_ends(std::string page) {
  const std::string end = "</meta>";
  for (auto at = page.find(end); at != std::string::npos; at = page.find(end))
    page.erase(at, end.size());
  return page;
}

}  // namespace

std::string to_html(const Report& report) {
  pugi::xml_document document;
  document.append_child(pugi::node_doctype).set_value("html");
  auto html = document.append_child("html");
  html.append_attribute("lang") = "en";
  add_head(html);
  add_body(html, report);
  std::ostringstream text;
  // A browser takes <td/> for an opening tag.
  document.save(text, "", pugi::format_no_declaration | pugi::format_no_empty_element_tags);
  return without_meta_ends(text.str());
}

}  // namespace crosstrace
