// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What the script of the page draws (report/page/). For use inside report/ only.
#pragma once

#include <crosstrace/report/report.h>

#include <string>

namespace crosstrace::detail {

/// JSON on one line:
///
///     {"shared": [what many cells say, there once],
///      "kinds": [{"meaning", "mark", "outcome"}: what may become of a cell, failures first],
///      "maps": [{"title", "columns": [{"device", "note", "transfers"}],
///                "rows": [{"label", "export", "device", "note"}], "cells": [[cell or 0]]}],
///      "findings": [{"id", "severity", "title", "lines", "details"}: by severity]}
///
/// A cell has "kind" and "ms", and where there is something to say "message", "declared",
/// "precision" and "placement" (places in "shared"), "causes" (a list of such), "repeat" (a place
/// and the rest of the text), "moreOutputs", "moreCauses" and "outputs", a list of
///
///     [place of [path, dtype, shape, elements], max abs, max rel,
///      and if it differs: elements that do, non-finite ones, worst index, and if there is evidence:
///      [place of the referee, reference error, device error, factor, limit, if it decided]]
///
/// It can stand inside a script element, whatever models and exceptions say: '<', '>', '&', U+2028
/// and U+2029 are written as escapes. Numbers of outputs are texts, since JSON knows no NaN.
std::string page_data(const Report& report);

}  // namespace crosstrace::detail
