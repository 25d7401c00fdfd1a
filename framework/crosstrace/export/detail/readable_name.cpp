// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <c10/util/Type.h>
#include <crosstrace/export/detail/debug_info.h>

namespace crosstrace::detail {
namespace {

bool opens(char c) { return c == '(' || c == '<' || c == '{'; }
bool closes(char c) { return c == ')' || c == '>' || c == '}'; }

/// Drops ` const`, `[clone .isra.0]` and the parameters: all from the bracket on that the last `)`
/// closes.
std::string without_parameters(const std::string& name) {
  std::size_t at = name.rfind(')');
  // `Net::(anonymous namespace)::f` has no parameters: what follows is part of the name.
  if (at == std::string::npos || name.compare(at + 1, 2, "::") == 0) return name;
  int depth = 0;
  do {
    if (name[at] == ')') ++depth;
    if (name[at] == '(') --depth;
  } while (depth > 0 && at-- > 0);
  return depth == 0 && at > 0 ? name.substr(0, at) : name;
}

/// Templates have their return type in front.
std::string without_return_type(const std::string& name) {
  int depth = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name.compare(i, 8, "operator") == 0) break;  // `operator->`, `operator bool`.
    if (opens(name[i])) ++depth;
    if (closes(name[i])) --depth;
    if (depth == 0 && name[i] == ' ') start = i + 1;
  }
  return name.substr(start);
}

}  // namespace

std::string readable_name(const std::string& symbol) {
  if (!symbol.starts_with("_Z")) return symbol;
  return without_return_type(without_parameters(c10::demangle(symbol.c_str())));
}

}  // namespace crosstrace::detail
