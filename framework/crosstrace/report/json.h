// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The report for programs.
///
///     crosstrace::Report report;
///     report.cells = crosstrace::run_cells({}, crosstrace::plan_registered_cells()).cells;
///     std::ofstream("report.json") << crosstrace::to_json(report);
#pragma once

#include <crosstrace/report/report.h>

#include <string>

namespace crosstrace {

/// Schema version 1, indented, ending in a newline:
///
///     {"schema_version": 1, "tool_version", "libtorch_version",
///      "devices": [{"name", "state", "reason", "simulated", "stands_in": device or null}],
///      "cells": [{"model", "export", "trace_device", "transfer", "run_device", "verdict",
///                 "message",
///                 "outputs": [{"path", "dtype", "shape", "mismatched", "total", "max_abs",
///                 "max_rel",
///                              "worst_index", "nonfinite",
///                              "evidence": {"referee", "reference_error", "device_error",
///                                           "factor", "limit",
///                                           "decided_by": "tolerance" or "evidence"} or null}],
///                 "as_exported": {"max_abs", "max_rel"} or null,
///                 "causes": [finding id], "duration_ms"}],
///      "findings": [{"id", "rule", "severity", "method", "operator", "message", "advice",
///                    "source": {"file", "line"} or null, "function", "module_path", "repair"}],
///      "summary": {"passed", "failed", "skipped", "untrusted"}}
///
/// "evidence" is null where numbers lie within rtol and atol, and where a fixed tolerance was asked
/// for; "as_exported" is what TF32 would do to a strict cell. A cell that was called has a key
/// more:
///
///     "placement": {"run_device",
///                   "operators": [{"name", "device", "calls", "sized_calls", "source"}],
///                   "copies": [{"inside", "from", "to", "calls", "source"}]}
///
/// which placement_proof.h explains. A cell whose model declares a failure has two more:
/// "expected_failure", the declared cause, and "failed_as_expected"; one that a line for a shell
/// can run again has "repeat", that line; a finding with lines to look at has "details". NaN and infinity, which JSON
/// does not know, are null; bytes that are no UTF-8 become U+FFFD.
std::string to_json(const Report& report);

/// One cell, as it stands in a report.
std::string to_json(const CellResult& cell);

/// What stands before the first cell of a report, and after the last.
struct JsonFrame {
  std::string head;
  std::string tail;
};

/// The cells of the report are counted in its summary, and left out.
JsonFrame to_json_frame(const Report& report);

}  // namespace crosstrace
