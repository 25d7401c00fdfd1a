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

/// One page that needs nothing else: no font, no picture, no network. What ran on which device and
/// what that proves; a map of trace by run device for each model, whose cells open to all that is
/// known of them; the findings. It can be searched and filtered by verdict, and its address says
/// what it shows (`#verdict=mismatch&cell=...`), so that a view can be linked to. Follows the light
/// or dark scheme of the reader, and tells verdicts by word as well as by colour; simulated cells
/// are hatched and say so. Without scripts it shows totals, failures and findings as text. UTF-8;
/// what was none becomes U+FFFD. About 0.3 kB a cell.
std::string to_html(const Report& report);

}  // namespace crosstrace
