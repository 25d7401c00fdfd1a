// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Findings at a terminal. For use inside report/ only.
#pragma once

#include <crosstrace/diagnose/finding.h>
#include <crosstrace/report/colors.h>

#include <iosfwd>
#include <string>

namespace crosstrace::detail {

/// `text` between the escape sequences of `code`, such as `1;31`, if colours are on.
std::string colored(const std::string& text, const char* code, Colors colors);

///     error: device-literal at model.py:14, aten::arange in forward [device-literal-1]
///       why it matters
///       what to do
void write_finding(std::ostream& stream, const Finding& finding, Colors colors,
                   const std::string& indent);

}  // namespace crosstrace::detail
