// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// All models of this process. Models that differ in a number are added in a loop, before main(): in
/// the initialiser of a variable at namespace scope, `const bool added = [] { ...; return true; }();`,
/// or in a main() of your own before InitGoogleTest():
///
///     for (const int channels : {2, 3}) {
///       const std::string name = "Softmax" + std::to_string(channels);
///       crosstrace::Registry::instance().add(
///           crosstrace::ModelBuilder(name, {__FILE__, __LINE__})
///               .function([](at::Tensor x) { return x.softmax(1); })
///               .inputs([channels] { return at::randn({2, channels, 8}); })
///               .build());
///     }
///     std::cout << crosstrace::Registry::instance().find("Softmax3")->name;  // prints Softmax3
#pragma once

#include <crosstrace/models/model.h>

#include <deque>
#include <string>
#include <vector>

namespace crosstrace {

/// Filled before main() by CROSSTRACE_REGISTER and by main() with archives; not for use by several
/// threads.
class Registry {
 public:
  static Registry& instance();

  /// A name that is taken already becomes one of `problems()`, and the model is not kept.
  void add(Model model);

  /// In the order of registration; of several models of one name only the first. References stay
  /// valid.
  const std::deque<Model>& models() const noexcept { return models_; }

  /// Null if there is none.
  const Model* find(const std::string& name) const;

  /// The model of a cell, with the inputs of the cell's method (`methods_of`); null if there is none.
  const Model* find(const CellId& id) const;

  /// One line for each model that cannot be run and each name that was given twice, with source
  /// lines; one if there is no model at all.
  std::vector<std::string> problems() const;

 private:
  std::deque<Model> models_;
  std::deque<Model> by_method_;
  std::vector<std::string> duplicates_;
};

}  // namespace crosstrace
