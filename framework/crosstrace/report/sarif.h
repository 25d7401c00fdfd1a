// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// An inspection in the format of static analysis, SARIF 2.1.0, as code scanning of GitHub shows
/// it.
///
///     crosstrace::Finding finding;
///     finding.rule = "device-literal";
///     finding.message = "aten::arange makes its tensor on cpu, wherever the input is.";
///     const auto inspection = crosstrace::make_inspection("model.pt", {finding}, {});
///     std::ofstream("inspection.sarif") << crosstrace::to_sarif(
///         inspection, {{"device-literal", "A factory has a fixed device.", "Take the input's."}});
#pragma once

#include <crosstrace/report/inspection.h>

#include <filesystem>
#include <string>
#include <vector>

namespace crosstrace {

/// What a reader is told about a rule, whether it found something or not. Neither text is empty.
struct RuleDescription {
  std::string name;     ///< `device-literal`.
  std::string summary;  ///< One sentence: what it finds.
  std::string help;     ///< Why that matters, and what to write instead.
};

/// One run with every rule, and a result for each finding. A result stands at the line that its
/// author wrote; where that is not known, at the first line of the archive, since GitHub shows none
/// without a file. Module, method and operator are its logical locations. Files are named relative
/// to `folder` if they lie in it, else by a file URI. `primaryLocationLineHash`, by which GitHub
/// tells that two uploads hold the same result, follows rule, method, operator, module and C++
/// function, so it stays when lines move. Bytes that are no UTF-8 become U+FFFD.
/// @throws std::logic_error if a finding's rule is not among `rules`.
std::string to_sarif(const Inspection& inspection, const std::vector<RuleDescription>& rules,
                     const std::filesystem::path& folder = std::filesystem::current_path());

}  // namespace crosstrace
