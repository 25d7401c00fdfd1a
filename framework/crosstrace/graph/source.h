// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Which line of the model's author made a node.
///
///     const crosstrace::NodeSource source = crosstrace::source_of(node);
///     if (source.line) std::cout << source.line->str() << '\n';  // net.cpp:14, or export.py:29
#pragma once

#include <crosstrace/models/source_location.h>
#include <torch/csrc/jit/ir/ir.h>

#include <optional>
#include <string>
#include <vector>

namespace crosstrace {

struct NodeSource {
  std::optional<SourceLocation> line;  ///< Of a C++ or Python file.

  /// Where no line is known: the C++ function, or the line of code that an archive or a script in
  /// C++ has in place of a file. May be empty.
  std::string function;
};

/// Reads what tracers and compilers leave at a node: the call stack of a trace, the file of a
/// script, and the calls that were inlined. The innermost line outside of LibTorch counts; if all
/// are LibTorch's, the innermost. Constants, which have no source, are where they are used first.
NodeSource source_of(const torch::jit::Node& node);

/// The same of ranges, innermost first.
NodeSource source_of(const std::vector<torch::jit::SourceRange>& ranges);

}  // namespace crosstrace
