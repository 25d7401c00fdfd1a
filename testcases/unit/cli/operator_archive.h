// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Archives that call operators of the test library, which must be loaded.
#pragma once

#include <ATen/core/dispatch/Dispatcher.h>
#include <crosstrace/export/export.h>
#include <crosstrace/models/register.h>

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

}  // namespace crosstrace
