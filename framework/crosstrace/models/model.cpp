// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/models/model.h>

#include <cctype>
#include <filesystem>

namespace crosstrace {

const Expectation* find_expectation(const Model& model, const CellId& id) {
  for (const Expectation& expectation : model.expectations) {
    if (expectation.cells(id)) return &expectation;
  }
  return nullptr;
}

std::string archive_model_name(const std::string& path) {
  std::string name;
  for (char c : std::filesystem::path(path).stem().string()) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (plain || (!name.empty() && name.back() != '_')) name += plain ? c : '_';
  }
  if (name.ends_with('_')) name.pop_back();
  return name.empty() ? "archive" : name;
}

std::string why_unusable(const Model& model) {
  const std::string who = model.where.str() + ": model " + model.name + " ";
  if (!model.problem.empty()) return who + "cannot be registered: " + model.problem;
  const bool is_archive = model.archive.has_value();
  if (!model.eager && model.script.empty() && !is_archive) {
    return who + "has nothing to call; add .module(), .function(), .script() or .archive()";
  }
  if (is_archive && (model.eager || !model.script.empty())) {
    return who + "is an archive and something else; register them as two models";
  }
  if (model.inputs.empty())
    return who + "has no inputs; add .inputs([] { return torch::randn({1, 10}); })";
  if (model.name.find("__") != std::string::npos || model.name.ends_with('_')) {
    return who +
           "has a name that ends in an underscore or has two in a row, which separate the parts of "
           "a test "
           "name; rename it";
  }
  return {};
}

}  // namespace crosstrace
