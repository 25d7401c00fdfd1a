// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Scripts that call `fork`, which archives and Python know and `Module::define` does not.
#pragma once

#include <ATen/ATen.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/frontend/resolver.h>
#include <torch/csrc/jit/frontend/sugared_value.h>

#include <memory>
#include <string>

namespace crosstrace {

struct ForkResolver : torch::jit::NativeResolver {
  std::shared_ptr<torch::jit::SugaredValue> resolveValue(
      const std::string& name, torch::jit::GraphFunction& function,
      const torch::jit::SourceRange& where) override {
    if (name == "fork") return torch::jit::SpecialFormValue::create(c10::prim::fork);
    return NativeResolver::resolveValue(name, function, where);
  }
};

/// A module with the buffer `shift`, float [3].
inline torch::jit::Module forking(const std::string& source) {
  torch::jit::Module module("__torch__.M");
  module.register_attribute("training", c10::BoolType::get(), false);
  module.register_buffer("shift", at::arange(1, 4, at::kFloat));
  module.define(source, std::make_shared<ForkResolver>());
  return module;
}

}  // namespace crosstrace
