// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// A report where GitHub Actions shows it: in the summary of a step, and at lines of the change.
///
///     crosstrace::Report report;
///     report.cells = crosstrace::run_cells({}, crosstrace::plan_registered_cells()).cells;
///     std::cout << crosstrace::to_annotations(report);
///     std::ofstream(std::getenv("GITHUB_STEP_SUMMARY"), std::ios::app)
///         << crosstrace::to_step_summary(report);
#pragma once

#include <crosstrace/report/report.h>

#include <filesystem>
#include <string>

namespace crosstrace {

/// A table for each model, those with failures first, then what failed and why, as HTML, in which
/// names and messages are nothing but text. At most 1,000,000 bytes, for GitHub drops a summary of
/// more than 1 MiB (docs.github.com, "Workflow commands", step summaries); what is left out is
/// counted.
std::string to_step_summary(const Report& report);

/// Workflow commands, `::error file=model.py,line=14,title=...::...`, of the ten most useful: GitHub
/// shows ten of a step. Causes of failures at the line of their author come first, each once, then
/// failing cells without one, one for each model and message.
/// @param folder what GitHub has checked out; files in it are named relative to it.
std::string to_annotations(const Report& report,
                           const std::filesystem::path& folder = std::filesystem::current_path());

}  // namespace crosstrace
