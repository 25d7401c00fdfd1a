// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/models/registry.h>

#include <algorithm>

namespace crosstrace {

Registry& Registry::instance() {
  static Registry registry;
  return registry;
}

void Registry::add(Model model) {
  if (const Model* first = find(model.name)) {
    if (first->where.str() == model.where.str()) {
      duplicates_.push_back(model.where.str() + ": model " + model.name +
                            " is in this program twice; two targets that it links compile this "
                            "file, take it out of one");
      return;
    }
    duplicates_.push_back(model.where.str() + ": a model named " + model.name +
                          " is already registered at " + first->where.str() +
                          "; rename one of them");
    return;
  }
  for (Model& one : methods_of(model)) by_method_.push_back(std::move(one));
  models_.push_back(std::move(model));
}

const Model* Registry::find(const CellId& id) const {
  const auto found = std::find_if(by_method_.begin(), by_method_.end(), [&](const Model& m) {
    return m.name == id.model && m.method == id.method;
  });
  return found == by_method_.end() ? nullptr : &*found;
}

const Model* Registry::find(const std::string& name) const {
  auto found =
      std::find_if(models_.begin(), models_.end(), [&](const Model& m) { return m.name == name; });
  return found == models_.end() ? nullptr : &*found;
}

std::vector<std::string> Registry::problems() const {
  std::vector<std::string> problems = duplicates_;
  if (models_.empty()) {
    problems.push_back(
        "no model is registered in this program; add "
        "CROSSTRACE_REGISTER(Name).module(...).inputs(...), or, if that is in a static library, "
        "name the library in LIBRARIES of crosstrace_add_tests, or the linker drops it");
  }
  for (const Model& model : models_) {
    if (std::string problem = why_unusable(model); !problem.empty())
      problems.push_back(std::move(problem));
  }
  return problems;
}

}  // namespace crosstrace
