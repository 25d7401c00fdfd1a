// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <gmock/gmock.h>

#include "unit/diagnose/said.h"

namespace crosstrace {
namespace {

using ::testing::IsEmpty;

std::string convolution(const std::string& allow_tf32) {
  return "torch._convolution(x, w, None, [1], [0], [1], False, [0], 1, False, False, True, " +
         allow_tf32 + ")";
}

torch::jit::Module with_forward(const std::string& body) {
  return scripted("def forward(self, x: Tensor, w: Tensor, b: bool):\n" + body);
}

TEST(BakedPrecision, IsANoteThatNamesTheValue) {
  const auto found =
      said(&rules::baked_precision, with_forward("    return " + convolution("True") + "\n"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, Severity::kNote);
  EXPECT_EQ(found[0].message,
            "aten::_convolution carries allow_tf32=True: on CUDA it runs in TF32 whatever the "
            "flags of the process say.");
  EXPECT_EQ(found[0].advice,
            "Script the model, or trace it under the flags that it should run with; --precision "
            "decides for a run of the matrix.");
}

TEST(BakedPrecision, CountsEachValue) {
  const auto found = said(&rules::baked_precision,
                          with_forward("    x = " + convolution("True") +
                                       "\n    if b:\n        x = " + convolution("True") +
                                       "\n    return x + " + convolution("False") + "\n"));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].message,
            "aten::_convolution carries allow_tf32=False: on CUDA it runs in full float32 whatever "
            "the flags of the process say.");
  EXPECT_EQ(found[1].message,
            "2 operators, the first of them aten::_convolution, carry allow_tf32=True: on CUDA "
            "they run in TF32 whatever the flags of the process say.");
}

TEST(BakedPrecision, IsNotWhereTheFlagsDecide) {
  EXPECT_THAT(said(&rules::baked_precision, with_forward("    return torch.conv1d(x, w)\n")),
              IsEmpty());
  EXPECT_THAT(said(&rules::baked_precision, with_forward("    return " + convolution("b") + "\n")),
              IsEmpty());
}

TEST(BakedPrecision, CannotBeRepaired) {
  const Program program(with_forward("    return " + convolution("True") + "\n"));
  rules::baked_precision({program, "cpu", {}, {"cpu", "cuda"}}, [](const Remark& remark) {
    EXPECT_EQ(remark.repair, Repairability::kNone);
  });
}

}  // namespace
}  // namespace crosstrace
