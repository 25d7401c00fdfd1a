// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// An inspection for people at a terminal.
///
///     crosstrace::write_terminal(std::cout, inspection, crosstrace::colors_for(STDOUT_FILENO));
///
/// prints
///
///     CrossTrace 0.1.0, LibTorch 2.15.0: model.pt
///
///     error: device-literal at model.py:14, aten::arange in forward [device-literal-1]
///       why it matters
///       what to do
///
///     57 operators
///     1 error, 0 warnings, 0 notes
#pragma once

#include <crosstrace/report/inspection.h>
#include <crosstrace/report/terminal.h>

#include <iosfwd>

namespace crosstrace {

/// Errors, warnings, then notes, each with why it matters and what to do; the operators that some
/// device has no kernel for; the counts, last.
void write_terminal(std::ostream& stream, const Inspection& inspection,
                    Colors colors = Colors::kOff);

}  // namespace crosstrace
