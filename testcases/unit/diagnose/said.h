// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Small programs for tests of rules, and what one rule says of them.
#pragma once

#include <crosstrace/diagnose/rule.h>
#include <torch/csrc/jit/ir/irparser.h>

#include <memory>
#include <string>
#include <vector>

namespace crosstrace {

/// A module of one class with these methods.
inline torch::jit::Module scripted(const std::string& source) {
  torch::jit::Module module("__torch__.M");
  module.register_attribute("training", c10::BoolType::get(), false);
  module.define(source);
  return module;
}

/// A module whose forward is written as LibTorch prints graphs; its first input is self.
inline torch::jit::Module of_graph(const std::string& text) {
  torch::jit::Module module("__torch__.M");
  auto graph = std::make_shared<torch::jit::Graph>();
  torch::jit::parseIR(text, graph.get());
  graph->inputs()[0]->setType(module.type());
  module.type()->addMethod(
      module._ivalue()->compilation_unit()->create_function("__torch__.M.forward", graph));
  return module;
}

/// A remark without pointers into a program.
struct Said {
  std::string method;
  std::string kind;  ///< Of the node; empty without one.
  Severity severity;
  std::string message;
  std::string advice;
};

using Look = void (*)(const RuleContext&, const std::function<void(Remark)>&);

inline std::vector<Said> said(Look look, torch::jit::Module module,
                              std::vector<std::string> storage_locations = {}) {
  const Program program(std::move(module));
  std::vector<Said> result;
  look({program, "cpu", std::move(storage_locations), {}, {"cpu", "cuda"}}, [&](Remark remark) {
    if (remark.only_in_conflict) return;
    result.push_back({remark.method == nullptr ? "" : remark.method->name,
                      remark.node == nullptr ? "" : remark.node->kind().toQualString(),
                      remark.severity, remark.message, remark.advice});
  });
  return result;
}

namespace rules {
// Defined in rules/, one file each.
void missing_kernel(const RuleContext& context, const std::function<void(Remark)>& say);
void backend_specialised(const RuleContext& context, const std::function<void(Remark)>& say);
void random(const RuleContext& context, const std::function<void(Remark)>& say);
void baked_precision(const RuleContext& context, const std::function<void(Remark)>& say);
void baked_dtype(const RuleContext& context, const std::function<void(Remark)>& say);
void baked_shape(const RuleContext& context, const std::function<void(Remark)>& say);
void storage_location(const RuleContext& context, const std::function<void(Remark)>& say);
void device_branch(const RuleContext& context, const std::function<void(Remark)>& say);
}  // namespace rules

}  // namespace crosstrace
