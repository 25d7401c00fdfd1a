// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// The archives that examples speak of, and a folder of their own in which they may write.

#include <crosstrace/devices/declared.h>
#include <crosstrace/matrix/plan.h>
#include <crosstrace/matrix/run.h>
#include <crosstrace/models/registry.h>
#include <torch/csrc/jit/api/module.h>

#include <filesystem>

#include "headers/example.h"
#include "unit/temporary_file.h"

namespace header_examples {
namespace {

void save(const std::string& path, const std::string& forward) {
  torch::jit::Module module("__torch__.Net");
  module.register_parameter("weight", at::arange(1, 5, at::kFloat), /*is_buffer=*/false);
  module.define(forward);
  module.save(path);
}

/// The current folder from before main() to the end: archives can be registered by then.
class ExampleFolder {
 public:
  ExampleFolder() {
    std::filesystem::current_path(folder_.folder());
    save("model.pt", "def forward(self, x):\n  return x * self.weight\n");
    save("baked.pt", "def forward(self, x):\n  return x * self.weight + torch.arange(4)\n");
  }
  ~ExampleFolder() { std::filesystem::current_path("/"); }

 private:
  crosstrace::TemporaryFile folder_{""};
};

const ExampleFolder folder;

}  // namespace

void run_model(const std::string& name) {
  const crosstrace::Model* model = crosstrace::Registry::instance().find(name);
  ASSERT_NE(model, nullptr);
  const auto cells = crosstrace::plan_cells(*model, crosstrace::declared_devices());
  const auto results = crosstrace::run_cells({}, cells).cells;
  int passed = 0;
  for (const crosstrace::CellResult& result : results) {
    const auto outcome = crosstrace::outcome(result);
    passed += outcome == crosstrace::Outcome::kPassed ? 1 : 0;
    EXPECT_TRUE(outcome == crosstrace::Outcome::kPassed || outcome == crosstrace::Outcome::kSkipped)
        << result.id.describe() << ": " << result.message;
  }
  EXPECT_GT(passed, 0);
}

}  // namespace header_examples
