// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// A repair for people at a terminal.
///
///     crosstrace::write_terminal(std::cout, report, crosstrace::colors_for(STDOUT_FILENO));
///
/// prints
///
///     CrossTrace 0.1.0, LibTorch 2.15.0: model.pt, made on cpu
///
///     changed: model.py:14, aten::arange in forward [device-literal-1]
///       its device is that of x
///
///     3 answers on cpu are the same to the last bit; 7 cells of the repaired archive passed, 0
///     failed, 2 skipped
///     1 change, 0 left; fixed.pt is written
#pragma once

#include <crosstrace/report/repair_report.h>
#include <crosstrace/report/terminal.h>

#include <iosfwd>

namespace crosstrace {

/// What was changed; what is left to the author, with advice; cells of the proof that failed; the
/// last line says whether the archive is written, and if not why.
void write_terminal(std::ostream& stream, const RepairReport& report, Colors colors = Colors::kOff);

}  // namespace crosstrace
