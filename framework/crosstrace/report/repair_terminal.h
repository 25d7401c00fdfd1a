// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// A repair for people at a terminal.
///
///     crosstrace::ProofCalls calls;
///     calls.inputs = {[] { return crosstrace::arguments(at::rand({2, 4})); }};
///     calls.devices = {"cpu", "sim:0"};
///     auto result = crosstrace::repair_archive("baked.pt", "fixed.pt", calls);
///     crosstrace::write_terminal(std::cout, crosstrace::make_repair_report(std::move(result)));
///
/// prints
///
///     CrossTrace ..., LibTorch ...: baked.pt, made on cpu
///
///     changed: in line 2 of the script, aten::arange in forward [implicit-cpu-1]
///       aten::arange makes its tensor on the device of x
///
///     3 answers on cpu are the same to the last bit; 5 cells of the repaired archive passed,
///     0 failed, 0 skipped
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
