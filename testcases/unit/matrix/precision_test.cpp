// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// Each precision where it must match, and where it must not.

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <crosstrace/devices/precision.h>
#include <crosstrace/matrix/cell.h>
#include <crosstrace/models/register.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>

#include "unit/temporary_file.h"

namespace crosstrace {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::IsEmpty;

constexpr const char* kBlamed =
    "\nthis is TF32: in precision strict the answer is within the tolerance";

/// Sums of 576 products, which TF32 moves by about 1e-3.
ModelBuilder convolution() {
  return ModelBuilder("M", {"models.cpp", 7})
      .module([] { return torch::nn::Conv2d(64, 4, 3); })
      .inputs([] {
        return at::randn({1, 64, 6, 6});
      });
}

ModelBuilder linear() {
  return ModelBuilder("M", {"models.cpp", 7})
      .module([] { return torch::nn::Linear(512, 4); })
      .inputs([] {
        return at::randn({2, 512});
      });
}

ModelBuilder scripted_convolution() {
  return convolution().script(
      "def forward(self, x: Tensor):\n    return torch.conv2d(x, self.weight, self.bias)\n");
}

CellResult run(ModelBuilder builder, Precision precision, const std::string& device = "sim:0",
               ExportKind kind = ExportKind::kTrace) {
  RunOptions options;
  options.precision = precision;
  Session session(options);
  const Model model = builder.build();
  return Cell(session, model, {"M", kind, "cpu", Transfer::kTo, device}).run();
}

TEST(PrecisionOfCells, StrictMatchesAndSaysWhatTf32WouldDo) {
  const CellResult result = run(convolution(), Precision::kStrict);
  EXPECT_EQ(result.verdict, Verdict::kMatch) << result.message;
  ASSERT_TRUE(result.as_exported);
  EXPECT_GT(result.as_exported->max_abs, 1e-5);
  EXPECT_LT(result.as_exported->max_abs, 1e-1);
  EXPECT_GT(result.as_exported->max_rel, 0);
}

TEST(PrecisionOfCells, StrictStillFindsWhatIsWrong) {
  const CellResult result =
      run(convolution().script(
              "def forward(self, x: Tensor):\n    return torch.conv2d(x, self.weight * 1.001)\n"),
          Precision::kStrict, "sim:0", ExportKind::kScript);
  EXPECT_EQ(result.verdict, Verdict::kMismatch);
  EXPECT_EQ(result.message.find("TF32"), std::string::npos);
}

TEST(PrecisionOfCells, AsExportedFailsOfTf32AndSaysSo) {
  const CellResult result = run(convolution(), Precision::kAsExported);
  EXPECT_EQ(result.verdict, Verdict::kMismatch);
  EXPECT_THAT(result.message, EndsWith(kBlamed));
  EXPECT_THAT(result.causes, ElementsAre("M__trace_cpu__baked-precision-1"));
  EXPECT_FALSE(result.as_exported) << "it is what ran";
}

TEST(PrecisionOfCells, AsExportedDoesNotBlameTf32ForOtherFaults) {
  const CellResult result =
      run(convolution().script(
              "def forward(self, x: Tensor):\n    return torch.conv2d(x, self.weight * 1.1)\n"),
          Precision::kAsExported, "sim:0", ExportKind::kScript);
  EXPECT_EQ(result.verdict, Verdict::kMismatch);
  EXPECT_EQ(result.message.find("this is TF32"), std::string::npos);
}

TEST(PrecisionOfCells, NoneTouchesTheCpu) {
  for (const Precision precision : {Precision::kStrict, Precision::kAsExported, Precision::kTf32}) {
    const CellResult result = run(convolution(), precision, "cpu");
    EXPECT_EQ(result.verdict, Verdict::kMatch) << to_string(precision) << result.message;
    EXPECT_FALSE(result.as_exported);
  }
}

TEST(PrecisionOfCells, Tf32IsAllowedToProductsOnlyWhereAskedFor) {
  const CellResult strict = run(linear(), Precision::kStrict);
  EXPECT_EQ(strict.verdict, Verdict::kMatch) << strict.message;
  EXPECT_FALSE(strict.as_exported) << "LibTorch's defaults do not allow it";
  EXPECT_EQ(run(linear(), Precision::kAsExported).verdict, Verdict::kMatch);
  const CellResult tf32 = run(linear(), Precision::kTf32);
  EXPECT_EQ(tf32.verdict, Verdict::kMismatch);
  EXPECT_THAT(tf32.message, EndsWith(kBlamed));
  EXPECT_THAT(tf32.causes, IsEmpty()) << "nothing is baked";
}

TEST(PrecisionOfCells, FollowsTheFlagsWhereNoneIsRecorded) {
  const auto cell = [](Precision precision) {
    return run(scripted_convolution(), precision, "sim:0", ExportKind::kScript);
  };
  const CellResult strict = cell(Precision::kStrict);
  EXPECT_EQ(strict.verdict, Verdict::kMatch) << strict.message;
  EXPECT_TRUE(strict.as_exported);
  EXPECT_EQ(cell(Precision::kAsExported).verdict, Verdict::kMismatch);
  EXPECT_EQ(cell(Precision::kTf32).verdict, Verdict::kMismatch);
}

TEST(PrecisionOfCells, OfARecurrentModelIsCudnns) {
  const auto lstm = [] {
    return ModelBuilder("M", {"models.cpp", 7})
        .script(R"(
def forward(self, x: Tensor, h: Tensor, w: Tensor, r: Tensor):
    return torch.rnn_tanh(x, h, [w, r], False, 1, 0.0, False, False, False)[0]
)")
        .inputs([] {
          return arguments(at::randn({3, 2, 64}), at::randn({1, 2, 32}), at::randn({32, 64}) / 8,
                           at::randn({32, 32}) / 8);
        });
  };
  const CellResult strict = run(lstm(), Precision::kStrict, "sim:0", ExportKind::kScript);
  EXPECT_EQ(strict.verdict, Verdict::kMatch) << strict.message;
  ASSERT_TRUE(strict.as_exported);
  EXPECT_GT(strict.as_exported->max_abs, 0);
  EXPECT_EQ(run(lstm(), Precision::kAsExported, "sim:0", ExportKind::kScript).verdict,
            Verdict::kMismatch);
}

/// An archive whose trace recorded False.
TEST(PrecisionOfCells, IsSetWhereTheOtherIsRecorded) {
  torch::jit::Module module("M");
  module.register_parameter("weight", at::randn({4, 64, 3, 3}), false);
  module.define(
      "def forward(self, x: Tensor):\n    return torch._convolution(x, self.weight, None, [1, 1], "
      "[0, 0], [1, 1], False, [0, 0], 1, False, False, True, False)\n");
  const TemporaryFile file("recorded.pt");
  module.save(file.path());
  const auto cell = [&](Precision precision) {
    RunOptions options;
    options.precision = precision;
    Session session(options);
    const Model model = ModelBuilder("M", {"models.cpp", 7})
                            .archive(file.path())
                            .inputs([] {
                              return at::randn({1, 64, 6, 6});
                            })
                            .build();
    return Cell(session, model, {"M", ExportKind::kArchive, "cpu", Transfer::kLoad, "sim:1"}).run();
  };
  const CellResult strict = cell(Precision::kStrict);
  EXPECT_EQ(strict.verdict, Verdict::kMatch) << strict.message;
  EXPECT_FALSE(strict.as_exported);
  EXPECT_EQ(cell(Precision::kAsExported).verdict, Verdict::kMatch);
  EXPECT_EQ(cell(Precision::kTf32).verdict, Verdict::kMismatch);
}

TEST(PrecisionOfCells, OfTheModelComesBeforeThatOfTheRun) {
  EXPECT_EQ(run(convolution().precision(Precision::kAsExported), Precision::kStrict).verdict,
            Verdict::kMismatch);
  EXPECT_EQ(run(convolution().precision(Precision::kStrict), Precision::kTf32).verdict,
            Verdict::kMatch);
}

TEST(PrecisionOfCells, IsOfNoAccountWithoutFloat32) {
  const CellResult result = run(ModelBuilder("M", {"models.cpp", 7})
                                    .module([] {
                                      torch::nn::Conv2d convolution(64, 4, 3);
                                      convolution->to(at::kDouble);
                                      return convolution;
                                    })
                                    .inputs([] {
                                      return at::randn({1, 64, 6, 6}, at::kDouble);
                                    }),
                                Precision::kTf32);
  EXPECT_EQ(result.verdict, Verdict::kMatch) << result.message;
}

TEST(PrecisionOfCells, LeavesTheExportAndTheFlagsAsTheyWere) {
  const Tf32Flags before = tf32_flags();
  Session session({});
  const Model model = convolution().build();
  Cell cell(session, model, {"M", ExportKind::kTrace, "cpu", Transfer::kTo, "sim:0"});
  ASSERT_EQ(cell.run().verdict, Verdict::kMatch);
  EXPECT_EQ(tf32_flags().convolution, before.convolution);
  EXPECT_EQ(tf32_flags().rnn, before.rnn);
  const Diagnosis& diagnosis = session.diagnosis(model, cell.id(), {});
  ASSERT_EQ(diagnosis.findings.size(), 1U);
  EXPECT_EQ(diagnosis.findings[0].rule, "baked-precision");
}

}  // namespace
}  // namespace crosstrace
