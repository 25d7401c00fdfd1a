// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// `crosstrace repair` as its users run it.

#include <gmock/gmock.h>
#include <torch/script.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "unit/cli/command.h"
#include "unit/temporary_file.h"

namespace crosstrace {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;

class Repair : public ::testing::Test {
 protected:
  /// Saves a module with this forward body and returns the arguments that repair it.
  std::string archive(const std::string& body) {
    torch::jit::Module module("M");
    module.register_parameter("weight", at::arange(1, 4).to(at::kFloat), false);
    module.define("def forward(self, x: Tensor):\n    " + body + "\n");
    module.save(file_.path());
    return "'" + file_.path() + "' -o '" + target() + "' ";
  }

  std::string baked() { return archive("return x + torch.arange(3, device='cpu')"); }

  std::string target() const { return (file_.folder() / "fixed.pt").string(); }

  std::size_t files() const {
    return std::distance(std::filesystem::directory_iterator(file_.folder()), {});
  }

  const std::string proof_ = "--input 'float32[2,3]' --devices cpu,sim:0";
  TemporaryFile file_{"model.pt"};
};

TEST_F(Repair, MendsWhatFails) {
  const auto result = crosstrace("repair " + baked() + proof_);
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output, AllOf(HasSubstr("\nchanged: "), HasSubstr("aten::arange in forward"),
                                   EndsWith("\n1 change, 0 left; " + target() + " is written\n")));
  EXPECT_EQ(crosstrace("check '" + file_.path() + "' " + proof_).exit_code, 1);
  EXPECT_EQ(crosstrace("check '" + target() + "' " + proof_).exit_code, 0);
  EXPECT_EQ(crosstrace("inspect '" + target() + "'").exit_code, 0);
}

TEST_F(Repair, KeepsStandardOutputPureJson) {
  const auto result = crosstrace("repair " + baked() + proof_ + " --json -");
  EXPECT_EQ(result.exit_code, 0);
  const auto json = nlohmann::json::parse(result.output);
  EXPECT_EQ(json.at("written"), true);
  EXPECT_EQ(json.at("home"), "cpu");
  EXPECT_EQ(json.at("steps").at(0).at("findings").at(0), json.at("findings").at(0).at("id"));
  EXPECT_EQ(json.at("proof").at("calls_at_home"), 3);
  for (const auto& cell : json.at("proof").at("cells")) EXPECT_EQ(cell.at("verdict"), "match");
}

TEST_F(Repair, HasNothingToProveWithWithoutInputs) {
  expect_usage_error("repair " + baked(),
                     "repair has nothing to prove with; give --input once for each argument of "
                     "forward");
  EXPECT_EQ(files(), 1U);
}

TEST_F(Repair, WritesNothingThatIsNotProven) {
  const auto result =
      crosstrace("repair " + archive("return torch.histc(x + torch.arange(3, device='cpu'))") +
                 "--input 'float32[2,4]' --devices cpu,sim:0");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr(target() + " is not written: "));
  EXPECT_EQ(files(), 1U);
}

TEST_F(Repair, RefusesABadCommandLine) {
  const std::string command = "repair " + baked();
  EXPECT_EQ(crosstrace("repair '" + file_.path() + "' 2>&1").output,
            "crosstrace: -o is required; see crosstrace --help\n");
  expect_usage_error(command + "--input 1 --input 2",
                     file_.path() +
                         ": forward takes 1 arguments (x: Tensor), --input was given 2 "
                         "times; give it once for each");
  expect_usage_error("repair no_such.pt -o '" + target() + "' --input 1",
                     "cannot read archive no_such.pt: No such file or directory");
  EXPECT_EQ(files(), 1U);
}

TEST_F(Repair, SaysWhereItCannotWrite) {
  baked();
  const auto result =
      crosstrace("repair '" + file_.path() + "' -o no/such/folder/fixed.pt " + proof_ + " 2>&1");
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, HasSubstr("no/such/folder/fixed.pt"));
  EXPECT_EQ(std::count(result.output.begin(), result.output.end(), '\n'), 1);
}

}  // namespace
}  // namespace crosstrace
