// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// How much memory a whole run takes.

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/api/module.h>

#include <string>

#include "unit/cli/command.h"
#include "unit/temporary_file.h"

namespace crosstrace {
namespace {

constexpr long kMiB = 1024 * 1024;
constexpr int kColumns = 8192;

/// One layer, whose weights are one tensor.
void save_layer(const std::string& path, long bytes) {
  const std::int64_t rows = bytes / 4 / kColumns;
  torch::jit::Module module("Layer");
  module.register_parameter(
      "weight", at::arange(rows * kColumns, at::kFloat).remainder_(7).view({rows, kColumns}),
      /*is_buffer=*/false);
  module.define("def forward(self, x: Tensor):\n    return torch.linear(x, self.weight)\n");
  module.save(path);
}

long peak_of_check(const std::string& path) {
  return peak_memory_of("'" CROSSTRACE_COMMAND "' check '" + path + "' --input 'float32[1," +
                        std::to_string(kColumns) + "]' --devices cpu,sim >/dev/null");
}

TEST(CheckMemory, HoldsWeightsTwiceAtTheMost) {
  const long weights = 200 * kMiB;
  const TemporaryFile small("small.pt"), large("large.pt");
  save_layer(small.path(), kMiB);
  save_layer(large.path(), weights);
  EXPECT_LT(peak_of_check(large.path()) - peak_of_check(small.path()), weights * 22 / 10);
}

}  // namespace
}  // namespace crosstrace
