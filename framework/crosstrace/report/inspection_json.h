// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// An inspection for programs.
///
///     const auto diagnosis = crosstrace::diagnose(crosstrace::Export("baked.pt").copy());
///     const auto inspection =
///         crosstrace::make_inspection("baked.pt", diagnosis.findings, diagnosis.operators);
///     std::ofstream("inspection.json") << crosstrace::to_json(inspection);
#pragma once

#include <crosstrace/report/inspection.h>

#include <string>

namespace crosstrace {

/// Schema version 1, indented, ending in a newline:
///
///     {"schema_version": 1, "tool_version", "libtorch_version", "archive",
///      "findings": [{"id", "rule", "severity", "method", "operator", "message", "advice",
///                    "source": {"file", "line"} or null, "function", "module_path", "repair"}],
///      "operators": [{"name", "count", "kernels": {"cpu": true, "cuda": true}}]}
///
/// Bytes that are no UTF-8 become U+FFFD.
std::string to_json(const Inspection& inspection);

}  // namespace crosstrace
