// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/models/model.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

namespace crosstrace {

namespace {

/// In a test's name `__` separates parts; Python's own names of overloads have it, `forward__0`.
bool is_plain_method(const std::string& name) {
  const auto is_word = [](unsigned char c) { return std::isalnum(c) || c == '_'; };
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
         std::all_of(name.begin(), name.end(), is_word);
}

std::string why_methods_unusable(const Model& model, const std::string& who) {
  for (const auto& [method, sets] : model.method_inputs) {
    if (!is_plain_method(method)) return who + "has inputs of '" + method + "', which is no method";
    if (model.archive || !model.script.empty()) continue;
    return who + "has inputs of " + method +
           ", but a trace has forward alone; give .script(), or call it in .module(factory, "
           "[](Net& net, torch::Tensor x) { return net." +
           method + "(x); })";
  }
  return {};
}

}  // namespace

std::vector<Model> methods_of(const Model& model) {
  std::vector<Model> all;
  if (!model.inputs.empty() || model.method_inputs.empty()) all.push_back(model);
  for (const auto& [method, sets] : model.method_inputs) {
    all.push_back(model);
    all.back().method = method;
    all.back().inputs = sets;
  }
  for (Model& one : all) one.method_inputs.clear();
  return all;
}

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
  if (std::string why = why_methods_unusable(model, who); !why.empty()) return why;
  if (model.inputs.empty() && model.method_inputs.empty())
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
