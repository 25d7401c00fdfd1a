// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// What is said of traces and devices, and what is so. The table in README.md is made of these
// tests.

#include <crosstrace/matrix/cell.h>
#include <crosstrace/models/register.h>
#include <crosstrace/models/registry.h>
#include <gmock/gmock.h>
#include <torch/script.h>

#include <filesystem>

namespace crosstrace {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

constexpr const char* kMixed = "Expected all tensors to be on the same device";

CellResult run(const Model& model, ExportKind kind, const std::string& from, Transfer transfer,
               const std::string& to) {
  Session session({});
  return Cell(session, model, {model.name, kind, from, transfer, to}).run();
}

CellResult run(const std::string& name, ExportKind kind, const std::string& from, Transfer transfer,
               const std::string& to) {
  return run(*Registry::instance().find(name), kind, from, transfer, to);
}

class Claims : public ::testing::TestWithParam<std::string> {};

TEST_P(Claims, ATraceFailsOnAnotherDevicesInputUntilItIsMoved) {
  for (const auto& [from, to] : {std::pair{"cpu", "sim:0"}, {"sim:0", "cpu"}, {"sim:0", "sim:1"}}) {
    const CellResult unmoved = run(GetParam(), ExportKind::kTrace, from, Transfer::kAsTraced, to);
    EXPECT_EQ(unmoved.verdict, Verdict::kError);
    EXPECT_THAT(
        unmoved.message,
        AnyOf(HasSubstr(kMixed), HasSubstr("and weight type")));  // A convolution's own words.
    EXPECT_EQ(run(GetParam(), ExportKind::kTrace, from, Transfer::kTo, to).verdict,
              Verdict::kMatch);
    EXPECT_EQ(run(GetParam(), ExportKind::kTrace, from, Transfer::kLoad, to).verdict,
              Verdict::kMatch);
  }
}

TEST_P(Claims, ScriptingHasTheSameRule) {
  const CellResult unmoved =
      run(GetParam(), ExportKind::kScript, "cpu", Transfer::kAsTraced, "sim:0");
  EXPECT_EQ(unmoved.verdict, Verdict::kError);
  EXPECT_THAT(unmoved.message, AnyOf(HasSubstr(kMixed), HasSubstr("and weight type")));
  EXPECT_EQ(run(GetParam(), ExportKind::kScript, "cpu", Transfer::kTo, "sim:0").verdict,
            Verdict::kMatch);
  EXPECT_EQ(run(GetParam(), ExportKind::kScript, "cpu", Transfer::kLoad, "sim:0").verdict,
            Verdict::kMatch);
}

TEST_P(Claims, TracingOnTheCpuAndMovingWorks) {
  for (const char* to : {"cpu", "sim:0", "sim:1"}) {
    EXPECT_EQ(run(GetParam(), ExportKind::kTrace, "cpu", Transfer::kTo, to).verdict,
              Verdict::kMatch);
  }
}

INSTANTIATE_TEST_SUITE_P(Seed, Claims, ::testing::Values("SimpleModel", "ComplexModel"),
                         [](const auto& info) { return info.param; });

TEST(MovingDoesNotHelp, ALiteralOfTheTraceDevice) {
  for (const char* name : {"ArangeModel", "RecurrentModel"}) {
    for (Transfer transfer : {Transfer::kTo, Transfer::kLoad}) {
      const CellResult result = run(name, ExportKind::kTrace, "cpu", transfer, "sim:0");
      EXPECT_EQ(result.verdict, Verdict::kError);
      EXPECT_TRUE(result.failed_as_expected) << result.message;
    }
  }
}

TEST(MovingDoesNotHelp, ACapturedTensorThatToLeavesBehind) {
  EXPECT_EQ(run("CapturedTensorModel", ExportKind::kTrace, "cpu", Transfer::kTo, "sim:0").verdict,
            Verdict::kError);
  EXPECT_EQ(run("CapturedTensorModel", ExportKind::kTrace, "cpu", Transfer::kLoad, "sim:0").verdict,
            Verdict::kMatch);
}

TEST(MovingDoesNotHelp, ATransferThatSilentlyAnswersOnTheTraceDevice) {
  const CellResult result =
      run("ReturningModel", ExportKind::kTrace, "cpu", Transfer::kLoad, "sim:0");
  EXPECT_EQ(result.verdict, Verdict::kWrongDevice);
  EXPECT_THAT(result.message, HasSubstr("on cpu, expected sim:0"));
}

/// A tensor that is a plain attribute, neither parameter nor buffer.
class PlainAttribute : public ::testing::Test {
 protected:
  void SetUp() override {
    torch::jit::Module module("Plain");
    module.register_attribute("scale", c10::TensorType::get(), at::arange(1, 4).to(at::kFloat));
    module.define("def forward(self, x: Tensor) -> Tensor:\n    return x * self.scale\n");
    module.save(path_.string());
    model_ = ModelBuilder("PlainAttributeModel", {__FILE__, __LINE__})
                 .archive(path_.string())
                 .inputs([] {
                   return at::randn({2, 3});
                 })
                 .build();
  }
  void TearDown() override { std::filesystem::remove(path_); }

  std::filesystem::path path_ =
      std::filesystem::temp_directory_path() / ("crosstrace_plain_" + std::to_string(getpid()));
  Model model_;
};

TEST_F(PlainAttribute, IsLeftBehindByToAndMovedByLoad) {
  const CellResult moved = run(model_, ExportKind::kArchive, "cpu", Transfer::kTo, "sim:0");
  EXPECT_EQ(moved.verdict, Verdict::kError);
  EXPECT_THAT(moved.message, HasSubstr(kMixed));
  EXPECT_EQ(run(model_, ExportKind::kArchive, "cpu", Transfer::kLoad, "sim:0").verdict,
            Verdict::kMatch);
}

}  // namespace
}  // namespace crosstrace
