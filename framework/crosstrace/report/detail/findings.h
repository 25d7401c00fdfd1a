// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Findings as people read them. All text is printable. For use inside report/ only.
#pragma once

#include <crosstrace/diagnose/finding.h>
#include <crosstrace/matrix/cell_result.h>

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace crosstrace::detail {

/// `device-literal at model.py:14, aten::arange in encoder.encode`
std::string title(const Finding& finding);

/// Why it matters and what to do, a sentence each; the second may be missing.
std::vector<std::string> explanation(const Finding& finding);

/// Errors first, then warnings, then notes; as they were among equals.
std::vector<const Finding*> by_severity(const std::vector<Finding>& findings);

/// `2 errors, 1 warning, 0 notes`
std::string count_findings(const std::vector<Finding>& findings);

/// Looks up what cells name. Points into the findings that it was made of.
class FindingIndex {
 public:
  explicit FindingIndex(const std::vector<Finding>& findings);

  /// Null if there is none of that id.
  const Finding* find(std::string_view id) const;

  /// The findings that a cell names; of many the first few.
  std::vector<const Finding*> causes(const CellResult& cell) const;

 private:
  std::unordered_map<std::string_view, const Finding*> by_id_;
};

/// What a list of failures says of findings, and how much it leaves out.
struct ListedFindings {
  std::vector<const Finding*> shown;  ///< Errors, warnings, and causes of failures; by severity.
  std::size_t declared = 0;           ///< Left out: they explain failures that are declared alone.
  std::size_t notes = 0;              ///< Left out: they explain nothing.
};
ListedFindings list_findings(const std::vector<Finding>& findings,
                             const std::vector<CellResult>& cells);

/// `device-literal-1, tensor-constant-2 and 7 more`: the causes of a cell; empty if it has none.
std::string list_causes(const CellResult& cell);

}  // namespace crosstrace::detail
