// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// How often a command opens its archive, as the C library sees it.

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/api/module.h>

#include <fstream>
#include <vector>

#include "unit/cli/command.h"
#include "unit/temporary_file.h"

namespace crosstrace {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Opens : public ::testing::Test {
 protected:
  Opens() {
    torch::jit::Module module("M");
    module.register_parameter("weight", at::arange(1, 4).to(at::kFloat), false);
    module.define(
        "def forward(self, x: Tensor):\n    return x * self.weight + torch.arange(3, "
        "device='cpu')\n");
    module.save(file_.path());
  }

  /// Files of the test's folder that were opened for reading while the command ran, in order.
  std::vector<std::string> opened_by(const std::string& command) const {
    const std::string log = (file_.folder() / "opens").string();
    const ProcessResult result = run_process(
        "LD_PRELOAD='" CROSSTRACE_COUNT_OPENS "' COUNT_OPENS_IN='" + log + "' " + command);
    EXPECT_LE(result.exit_code, 1) << result.output;
    std::vector<std::string> names;
    std::ifstream lines(log);
    for (std::string line; std::getline(lines, line);) {
      const std::filesystem::path path(line);
      if (path.parent_path() == file_.folder()) names.push_back(path.filename().string());
    }
    return names;
  }

  std::string crosstrace(const std::string& arguments) const {
    return "'" CROSSTRACE_COMMAND "' " + arguments;
  }

  const std::string& path() const { return file_.path(); }
  const std::string called_ = " --input 'float32[2,3]' --devices cpu,sim:0 ";
  TemporaryFile file_{"model.pt"};
};

TEST_F(Opens, AreSeenByTheCounter) {
  EXPECT_THAT(opened_by("cat '" + path() + "' '" + path() + "' >/dev/null"),
              ElementsAre("model.pt", "model.pt"));
}

TEST_F(Opens, HappenOnceInInspect) {
  EXPECT_THAT(opened_by(crosstrace("inspect '" + path() + "'")), ElementsAre("model.pt"));
}

TEST_F(Opens, HappenOnceInCheck) {
  EXPECT_THAT(opened_by(crosstrace("check '" + path() + "'" + called_)), ElementsAre("model.pt"));
}

TEST_F(Opens, HappenOnceInCheckWithAProcessForEachCell) {
  EXPECT_THAT(opened_by(crosstrace("check '" + path() + "' --isolate" + called_)),
              ElementsAre("model.pt"));
}

TEST_F(Opens, HappenOnceForEachFileInRepair) {
  const std::string target = (file_.folder() / "fixed.pt").string();
  const std::string repair = crosstrace("repair '" + path() + "' -o '" + target + "'" + called_);
  EXPECT_THAT(opened_by(repair), ElementsAre("model.pt", HasSubstr("fixed.pt.part")));
  EXPECT_TRUE(std::filesystem::exists(target));
}

}  // namespace
}  // namespace crosstrace
