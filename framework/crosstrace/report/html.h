// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The report for people with a browser.
///
///     crosstrace::Report report;
///     report.cells = crosstrace::run_cells({}, crosstrace::plan_registered_cells()).cells;
///     std::ofstream("report.html") << crosstrace::to_html(report);
#pragma once

#include <crosstrace/report/report.h>

#include <string>

namespace crosstrace {

/// One page that needs nothing else: no script, no font, no network. A table for each model, which
/// scrolls by itself where the screen is narrow; below it the failures, each unfolding to its whole
/// message and links to its causes; then the findings. Follows the light or dark scheme of the
/// reader, and tells verdicts by word as well as by colour. UTF-8; what was none becomes U+FFFD.
std::string to_html(const Report& report);

}  // namespace crosstrace
