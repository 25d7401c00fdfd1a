// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/graph/attribute_path.h>

#include <algorithm>

namespace crosstrace {

namespace jit = torch::jit;

std::optional<std::vector<std::string>> attribute_path(const jit::Value* value) {
  std::vector<std::string> names;
  for (; value->node()->kind() == c10::prim::GetAttr; value = value->node()->input()) {
    names.push_back(value->node()->s(c10::attr::name));
  }
  const auto inputs = value->owningGraph()->inputs();
  if (inputs.empty() || value != inputs[0]) return std::nullopt;
  std::reverse(names.begin(), names.end());
  return names;
}

std::string join_names(const std::vector<std::string>& names) {
  std::string path;
  for (const std::string& name : names) path = join_path(path, name);
  return path;
}

std::string join_path(const std::string& outer, const std::string& inner) {
  return outer.empty() || inner.empty() ? outer + inner : outer + "." + inner;
}

}  // namespace crosstrace
