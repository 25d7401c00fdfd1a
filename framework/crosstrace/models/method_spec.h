// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Arguments in words that say which method they are for.
///
///     for (const auto& call : crosstrace::by_method({"float32[2,4]", "encode:float32[2,4]", "encode:1"}))
///       std::cout << call.method << ' ' << call.specs.size() << '\n';
///
/// prints
///
///     forward 1
///     encode 2
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace crosstrace {

/// The arguments of one call of a method: one SPEC each (spec.h), as it was written.
struct MethodSpecs {
  std::string method;
  std::vector<std::string> specs;
};

/// Groups texts by their method, methods in the order in which they first occur. An identifier and a
/// `:` in front of a SPEC name the method; a SPEC without them is forward's. In `dict("a":1)` and
/// `@a:b.pt` the colon is the SPEC's own.
std::vector<MethodSpecs> by_method(const std::vector<std::string>& texts);

/// Cuts `float32[2,4],encode:list(1,2)` at the commas outside of brackets and quotes.
std::vector<std::string> split_arguments(std::string_view list);

}  // namespace crosstrace
