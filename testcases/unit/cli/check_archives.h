// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Archives for tests of `crosstrace check`: of a forward or of methods, in a folder of their own.
#pragma once

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/api/module.h>

#include <string>

#include "unit/cli/command.h"
#include "unit/cli/operator_archive.h"
#include "unit/temporary_file.h"

namespace crosstrace {

class Check : public ::testing::Test {
 protected:
  /// Saves a module with this forward body and returns its quoted path.
  std::string archive(const std::string& body, const std::string& arguments = "x: Tensor") {
    torch::jit::Module module("M");
    module.register_parameter("weight", at::arange(1, 4).to(at::kFloat), false);
    module.define("def forward(self, " + arguments + "):\n    " + body + "\n");
    module.save(path());
    return "'" + path() + "'";
  }

  /// The same with these methods, and no forward.
  std::string archive_of_methods(const std::string& methods) {
    torch::jit::Module module("M");
    module.register_parameter("weight", at::arange(1, 4).to(at::kFloat), false);
    module.define(methods);
    module.save(path());
    return "'" + path() + "'";
  }

  /// A trace of one operator of the test library, which must be loaded.
  std::string archive_of_operator(const std::string& name) {
    save_call_of(name, path());
    return "'" + path() + "'";
  }

  std::string path() const { return file_.path(); }
  std::string beside(const std::string& name) const { return (file_.folder() / name).string(); }

  TemporaryFile file_{"model.pt"};
};

}  // namespace crosstrace
