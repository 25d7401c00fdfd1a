// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Archives that call operators of the test library or hold objects of it, which must be loaded.
#pragma once

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <crosstrace/export/export.h>
#include <crosstrace/models/register.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/custom_class.h>

#include <string>

namespace crosstrace {

/// Saves a trace of the operator `crosstrace_test::NAME`.
inline void save_call_of(const std::string& name, const std::string& path) {
  auto call = [name](at::Tensor x) {
    return c10::Dispatcher::singleton()
        .findSchemaOrThrow(("crosstrace_test::" + name).c_str(), "")
        .typed<at::Tensor(const at::Tensor&)>()
        .call(x);
  };
  const Model model = ModelBuilder("M", {"models.cpp", 1})
                          .function(call)
                          .inputs([] {
                            return at::randn({2, 3});
                          })
                          .build();
  export_model(model, ExportKind::kTrace, "cpu").copy().save(path);
}

/// Saves a module with an object of the class `crosstrace_test::Offset`.
inline void save_object(const std::string& path) {
  const auto type = torch::getCustomClass("__torch__.torch.classes.crosstrace_test.Offset");
  const auto object = c10::ivalue::Object::create(c10::StrongTypePtr(nullptr, type), 1);
  type->getMethod("__init__")({object, at::ones({3})});
  torch::jit::Module module("M");
  module.register_attribute("offset", type, object);
  module.define("def forward(self, x: Tensor) -> Tensor:\n    return self.offset.add(x)\n");
  module.save(path);
}

}  // namespace crosstrace
