// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The parts of the page that need no script. HTML; all text is escaped. For use inside report/
/// only.
#pragma once

#include <crosstrace/report/report.h>

#include <string>

namespace crosstrace::detail {

/// Versions, totals, what ran on each device and what that proves; and for readers without scripts
/// a row for each model, the cells to look at and the findings.
std::string page_header(const Report& report);

/// Failures that were declared, and why cells were skipped.
std::string page_footer(const Report& report);

}  // namespace crosstrace::detail
