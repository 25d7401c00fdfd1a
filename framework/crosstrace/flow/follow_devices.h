// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// On which device every value of a method will be, without running it.
///
///     auto conflicts = crosstrace::follow_devices(program, method,
///         {crosstrace::Transfer::kTo, /*home=*/"cpu", /*run_device=*/"cuda:0"});
#pragma once

#include <crosstrace/flow/conflict.h>
#include <crosstrace/graph/program.h>

#include <vector>

namespace crosstrace {

/// Follows devices through the method: factories, transfers, constants, attributes, and the rule of
/// each operator (which mixtures it takes: CUDA's), through branches that constants decide, other
/// branches, loops and containers. Costs time in proportion to the number of nodes.
std::vector<Conflict> follow_devices(const Program& program, const InlinedMethod& method,
                                     const Scenario& scenario);

}  // namespace crosstrace
