// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/report/detail/html_findings.h>
#include <crosstrace/report/detail/text.h>

namespace crosstrace::detail {
namespace {

using pugi::xml_node;

const char* class_of(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return "failed";
    case Severity::kWarning:
      return "untrusted";
    case Severity::kNote:
      break;
  }
  return "dim";
}

// Ids of findings hold what an id of HTML must not.
std::string anchor(const Finding& finding, const Report& report) {
  return "finding-" + std::to_string(&finding - report.findings.data() + 1);
}

void add_text(xml_node parent, const std::string& text) {
  parent.append_child(pugi::node_pcdata).set_value(printable(text).c_str());
}

void add_finding(xml_node body, const Finding& finding, const Report& report) {
  auto details = add_element(body, "details");
  details.append_attribute("id") = anchor(finding, report).c_str();
  if (finding.severity != Severity::kNote) details.append_attribute("open") = "";
  auto summary = add_element(details, "summary");
  add_element(summary, "span", std::string(to_string(finding.severity)),
              class_of(finding.severity));
  add_text(summary, " " + title(finding) + " [" + finding.id + "]");
  for (const auto& line : explanation(finding)) add_element(details, "p", line);
}

}  // namespace

xml_node add_element(xml_node parent, const char* tag, const std::string& text,
                     const char* css_class) {
  auto node = parent.append_child(tag);
  if (css_class != nullptr) node.append_attribute("class") = css_class;
  if (!text.empty()) add_text(node, text);
  return node;
}

void add_cause_links(xml_node parent, const CellResult& cell, const Report& report,
                     const FindingIndex& index) {
  const auto causes = index.causes(cell);
  if (causes.empty()) return;
  auto line = add_element(parent, "p", "caused by ");
  for (const auto* cause : causes) {
    if (cause != causes.front()) add_text(line, ", ");
    add_element(line, "a", cause->id).append_attribute("href") =
        ("#" + anchor(*cause, report)).c_str();
  }
  const auto rest = cell.causes.size() - causes.size();
  if (rest > 0) add_text(line, " and " + std::to_string(rest) + " more");
}

void add_findings(xml_node body, const Report& report) {
  if (report.findings.empty()) return;
  add_element(body, "h2", "Findings");
  for (const auto* finding : by_severity(report.findings)) add_finding(body, *finding, report);
}

}  // namespace crosstrace::detail
