// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// How a graph names what a module holds: `encoder.layers.0.weight`.
///
///     if (auto names = crosstrace::attribute_path(value)) std::cout << crosstrace::join_names(*names);
#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include <optional>
#include <string>
#include <vector>

namespace crosstrace {

/// The names of attributes on the way from `self`, the graph's first input, to `value`, outermost
/// first; nothing if `value` does not come from there by prim::GetAttr alone.
std::optional<std::vector<std::string>> attribute_path(const torch::jit::Value* value);

/// Names joined with `.`.
std::string join_names(const std::vector<std::string>& names);

/// `inner` of `outer`, joined with `.`; either may be empty.
std::string join_path(const std::string& outer, const std::string& inner);

}  // namespace crosstrace
