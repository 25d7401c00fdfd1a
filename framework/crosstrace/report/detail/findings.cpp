// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/printable.h>
#include <crosstrace/report/detail/findings.h>

#include <algorithm>
#include <unordered_set>

namespace crosstrace::detail {
namespace {

// A cell of a model with hundreds of literals fails of each of them; JSON has them all.
constexpr std::size_t kListedCauses = 8;

std::string counted(std::ptrdiff_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string place(const Finding& finding) {
  return finding.source ? "at " + finding.where() : finding.where();
}

}  // namespace

std::string title(const Finding& finding) {
  std::string what = finding.operator_name;
  const bool is_told = place(finding) == "in method " + finding.method;
  if (!finding.method.empty() && !is_told) what += (what.empty() ? "in " : " in ") + finding.method;
  return printable(finding.rule + " " + place(finding) + (what.empty() ? "" : ", " + what));
}

std::vector<std::string> explanation(const Finding& finding) {
  std::vector<std::string> lines = {printable(finding.message)};
  std::string remedy = finding.advice;
  if (finding.repair == Repairability::kAutomatic) {
    remedy += std::string(remedy.empty() ? "" : " ") + "`crosstrace repair` does it.";
  }
  if (!remedy.empty()) lines.push_back(printable(remedy));
  return lines;
}

std::vector<const Finding*> by_severity(const std::vector<Finding>& findings) {
  std::vector<const Finding*> sorted;
  for (const auto& finding : findings) sorted.push_back(&finding);
  std::stable_sort(sorted.begin(), sorted.end(), [](const Finding* left, const Finding* right) {
    return left->severity > right->severity;
  });
  return sorted;
}

std::string count_findings(const std::vector<Finding>& findings) {
  const auto count = [&](Severity severity) {
    return std::count_if(findings.begin(), findings.end(),
                         [&](const Finding& finding) { return finding.severity == severity; });
  };
  return counted(count(Severity::kError), "error") + ", " +
         counted(count(Severity::kWarning), "warning") + ", " +
         counted(count(Severity::kNote), "note");
}

FindingIndex::FindingIndex(const std::vector<Finding>& findings) {
  for (const auto& finding : findings) by_id_.emplace(finding.id, &finding);
}

const Finding* FindingIndex::find(std::string_view id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

std::vector<const Finding*> FindingIndex::causes(const CellResult& cell) const {
  std::vector<const Finding*> findings;
  for (const auto& id : cell.causes) {
    if (findings.size() == kListedCauses) break;
    if (const auto* finding = find(id)) findings.push_back(finding);
  }
  return findings;
}

ListedFindings list_findings(const std::vector<Finding>& findings,
                             const std::vector<CellResult>& cells) {
  std::unordered_set<std::string_view> causes, of_declared;
  for (const auto& cell : cells) {
    (cell.failed_as_expected ? of_declared : causes).insert(cell.causes.begin(), cell.causes.end());
  }
  ListedFindings listed;
  for (const auto* finding : by_severity(findings)) {
    const bool is_cause = causes.count(finding->id) > 0;
    const bool is_declared = !is_cause && of_declared.count(finding->id) > 0;
    if (is_declared) {
      ++listed.declared;
    } else if (!is_cause && finding->severity == Severity::kNote) {
      ++listed.notes;
    } else {
      listed.shown.push_back(finding);
    }
  }
  return listed;
}

std::string list_causes(const CellResult& cell) {
  const auto listed = std::min(cell.causes.size(), kListedCauses);
  std::string text;
  for (std::size_t i = 0; i < listed; ++i) text += (i == 0 ? "" : ", ") + cell.causes[i];
  const auto rest = cell.causes.size() - listed;
  if (rest > 0) text += " and " + std::to_string(rest) + " more";
  return printable(text);
}

}  // namespace crosstrace::detail
