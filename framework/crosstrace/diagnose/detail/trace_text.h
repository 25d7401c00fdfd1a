// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// A traced graph as lines of text that are the same for the same operators. Used by
/// `trace_differences.cpp`.
#pragma once

#include <crosstrace/graph/source.h>
#include <torch/csrc/jit/ir/ir.h>

#include <string>
#include <vector>

namespace crosstrace::detail {

/// A literal among an operator's arguments.
struct Literal {
  std::string argument;  ///< Its name in the operator's schema, `size`; or its number, `2`.
  c10::IValue value;
};

/// One operator. Literals stand in place of the constants that hold them.
struct TraceLine {
  std::string kind;      ///< `aten::view`
  std::string operands;  ///< Which values it reads: `(%0, %3)`.
  std::string text;      ///< `%4 = aten::view(%0, [3, -1])`
  std::vector<Literal> literals;
  NodeSource source;
};

/// The operators of a graph in the order of execution, nested blocks included; all calls inlined.
/// Values are numbered by their place, so that graphs of the same operators have the same text
/// except for literals.
std::vector<TraceLine> read_trace(const torch::jit::Graph& graph);

/// A literal as people write it: `[3, -1]`, `"mean"`, `cuda:0`, `<float tensor [2, 3]>`.
std::string to_text(const c10::IValue& literal);

}  // namespace crosstrace::detail
