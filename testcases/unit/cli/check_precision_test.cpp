// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// What TF32 does, which the simulated device rounds to as CUDA does.

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/nn/module.h>

#include <nlohmann/json.hpp>

#include "unit/cli/check_archives.h"
#include "unit/cli/report_cells.h"

namespace crosstrace {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class CheckPrecision : public Check {
 protected:
  /// Saves a convolution that carries allow_tf32=True, and returns the command that checks it.
  std::string check_convolution(const std::string& more) {
    torch::jit::Module module("M");
    module.register_parameter("weight", at::ones({4, 64, 3, 3}) / 3, false);
    module.define(
        "def forward(self, x: Tensor):\n    return torch._convolution(x, self.weight, None, [1, "
        "1], [0, 0], [1, 1], False, [0, 0], 1, False, False, True, True)\n");
    module.save(path());
    return "check '" + path() + "' --input 'float32[1,64,6,6]' --devices cpu,sim:0 " + more;
  }
};

TEST_F(CheckPrecision, IsStrictAndSaysWhatTf32WouldDo) {
  const auto result = crosstrace(check_convolution(""));
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output,
              HasSubstr("As exported\n  model on sim:0: TF32 is allowed, and moves these answers "
                        "by up to "));
}

TEST_F(CheckPrecision, FailsInTf32OnlyIfThatIsAskedFor) {
  for (const std::string precision : {"as_exported", "tf32"}) {
    const auto result = crosstrace(check_convolution("--precision " + precision));
    EXPECT_EQ(result.exit_code, 1) << precision;
    EXPECT_THAT(result.output, AllOf(HasSubstr("mismatch: call 1 of 3: "),
                                     HasSubstr("caused by model__archive_cpu__baked-precision-1"),
                                     HasSubstr("3 passed, 2 failed")));
    EXPECT_EQ(result.output.find("As exported"), std::string::npos);
  }
}

TEST_F(CheckPrecision, IsInTheJsonOfEveryCell) {
  for (const std::string isolated : {"", " --isolate"}) {
    const auto result = crosstrace(check_convolution("--json -" + isolated));
    const auto cells = cells_of(result);
    EXPECT_EQ(cells.size(), 5);
    for (const auto& cell : cells) {
      const auto& effect = cell.at("as_exported");
      if (cell.at("run_device") == "cpu") {
        EXPECT_TRUE(effect.is_null());
      } else {
        EXPECT_GT(effect.at("max_abs"), 1e-5);
        EXPECT_GT(effect.at("max_rel"), 0);
      }
    }
  }
}

TEST_F(CheckPrecision, RefusesOtherWords) {
  expect_usage_error(check_convolution("--precision high"),
                     "--precision: 'high' is no precision; write strict, as_exported or tf32");
}

}  // namespace
}  // namespace crosstrace
