// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What SARIF is told of the rules of diagnosis, which report/ does not know.
#pragma once

#include <crosstrace/report/sarif.h>

#include <vector>

namespace crosstrace {

/// Of every rule there is.
std::vector<RuleDescription> rule_descriptions();

}  // namespace crosstrace
