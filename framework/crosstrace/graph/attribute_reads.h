// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Where a program reads an attribute, and whether what it reads is changed.
///
///     const auto reads = crosstrace::reads_of(program, module.type(), "cache");
///     if (crosstrace::is_written(reads)) std::cout << "a call changes what cache holds\n";
#pragma once

#include <crosstrace/graph/program.h>

#include <string>
#include <vector>

namespace crosstrace {

/// A reading of an attribute, in the method that it belongs to.
struct Read {
  const InlinedMethod* method;
  torch::jit::Node* node;  ///< prim::GetAttr.
};

/// All readings of the attribute, in the graphs of all methods.
std::vector<Read> reads_of(const Program& program, const c10::ClassTypePtr& type,
                           const std::string& name);

/// Whether a node changes what the attribute holds, its elements included. Costs an alias analysis of
/// each graph that reads it.
bool is_written(const std::vector<Read>& reads);

}  // namespace crosstrace
