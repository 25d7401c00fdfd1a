// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Whether a call runs a node, as far as the module's own values tell. For rules about operators;
/// what devices decide is the business of flow/.
#pragma once

#include <crosstrace/graph/program.h>
#include <torch/csrc/jit/ir/ir.h>

#include <optional>

namespace crosstrace {

enum class Reachability { kNever, kMaybe, kAlways };

/// The value of a constant, or of an attribute that no method assigns, or of a comparison of such.
std::optional<c10::IValue> known_value(const Program& program, const InlinedMethod& method,
                                       const torch::jit::Value& value);

/// Whether a call of the method runs the node: never in a branch that `training`, a dtype or a None
/// decides against; maybe in other branches and in loops.
Reachability reachability_of(const Program& program, const InlinedMethod& method,
                             const torch::jit::Node& node);

}  // namespace crosstrace
