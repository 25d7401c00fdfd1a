// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Operators that reach beyond the tensors that they are given.
///
///     if (!crosstrace::why_unsafe(node).empty()) std::cout << node.kind().toQualString() << '\n';
#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include <string_view>

namespace crosstrace {

/// What an operator reaches that is none of its program's: `reads or writes a file`, `reaches memory
/// beyond its tensors`, `talks to other processes`. Empty for all that a model needs. as_strided is
/// safe where its offset is a constant, since LibTorch checks it against the storage that was saved.
/// Custom operators are those of a library that the user has chosen.
std::string_view why_unsafe(const torch::jit::Node& node);

}  // namespace crosstrace
