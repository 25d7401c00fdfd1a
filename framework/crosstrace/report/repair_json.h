// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// A repair for programs.
///
///     crosstrace::RepairResult result;
///     result.archive = "model.pt";
///     result.home = "cpu";
///     result.why_not = "no device to prove it on";
///     const auto report = crosstrace::make_repair_report(std::move(result));
///     std::ofstream("repair.json") << crosstrace::to_json(report);
#pragma once

#include <crosstrace/report/repair_report.h>

#include <string>

namespace crosstrace {

/// Schema version 1, indented, ending in a newline:
///
///     {"schema_version": 1, "tool_version", "libtorch_version", "archive", "target", "home",
///      "stands_in": device or null, "written", "why_not",
///      "steps": [{"method", "operator", "attribute", "module_path", "source": {"file", "line"} or
///                 null, "text", "advice", "findings": [finding id]}],
///      "left": [as steps], "findings": [as in inspect],
///      "proof": {"calls_at_home", "cells": [as in check]} or null}
///
/// Bytes that are no UTF-8 become U+FFFD.
std::string to_json(const RepairReport& report);

}  // namespace crosstrace
