// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// An inspection for people at a terminal.
///
///     const auto diagnosis = crosstrace::diagnose(crosstrace::Export("baked.pt").copy());
///     crosstrace::write_terminal(std::cout, crosstrace::make_inspection(
///                                               "baked.pt", diagnosis.findings, diagnosis.operators));
///
/// prints
///
///     CrossTrace ..., LibTorch ...: baked.pt
///
///     error: implicit-cpu in line 2 of the script, aten::arange in forward [implicit-cpu-1]
///       aten::arange names no device, so its tensor is on the CPU wherever the module runs.
///       Give it an input's device (device=x.device), or register the tensor as a buffer.
///       `crosstrace repair` does it.
///
///     3 operators
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
