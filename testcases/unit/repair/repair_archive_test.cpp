// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/repair/repair_archive.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include <fstream>
#include <sstream>

#include "unit/temporary_file.h"

namespace crosstrace {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;
using ::testing::ThrowsMessage;

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return std::move(bytes).str();
}

class RepairArchive : public ::testing::Test {
 protected:
  void save(const std::string& body, const torch::jit::ExtraFilesMap& extra = {}) const {
    torch::jit::Module module("M");
    module.register_parameter("weight", at::arange(1, 4, at::kFloat), /*is_buffer=*/false);
    module.register_attribute("held", c10::ListType::ofTensors(),
                              c10::List<at::Tensor>({at::ones({3})}));
    module.define("def forward(self, x: Tensor) -> Tensor:\n" + body);
    module.save(archive_.path(), extra);
  }

  RepairResult repair() const { return repair_archive(archive_.path(), target_.path(), calls()); }

  static ProofCalls calls() {
    ProofCalls calls;
    calls.inputs = {[] { return Inputs{at::randn({2, 3})}; }};
    calls.devices = {"cpu", "sim:0", "sim:1"};
    return calls;
  }

  TemporaryFile archive_{"model.pt"};
  TemporaryFile target_{"fixed.pt"};
};

TEST_F(RepairArchive, WritesWhatIsProvenWithItsExtraFiles) {
  save("    return x * self.weight + torch.arange(3) + self.held[0]\n", {{"labels.txt", "cat"}});
  const RepairResult result = repair();
  EXPECT_TRUE(result.written) << result.why_not;
  EXPECT_EQ(result.why_not, "");
  EXPECT_EQ(result.home, "cpu");
  EXPECT_THAT(result.left, IsEmpty());
  ASSERT_THAT(result.steps, SizeIs(2));
  for (const RepairStep& step : result.steps) EXPECT_THAT(step.findings, SizeIs(1)) << step.text;
  EXPECT_THAT(result.proof->cells, SizeIs(7));
  EXPECT_EQ(result.proof->calls_at_home, 3);
  torch::jit::ExtraFilesMap extra = {{"labels.txt", ""}};
  EXPECT_NO_THROW(torch::jit::load(target_.path(), c10::kCPU, extra));
  EXPECT_EQ(extra["labels.txt"], "cat");
  struct stat status {};
  ASSERT_EQ(stat(target_.path().c_str(), &status), 0);
  const mode_t mask = umask(0);
  umask(mask);
  EXPECT_EQ(status.st_mode & 0777, 0666 & ~mask);
}

/// encode and decode read one attribute; forward is sound.
constexpr const char* kThreeMethods = R"(
    return x * self.weight
def encode(self, x: Tensor) -> Tensor:
    return x * self.held[0]
def decode(self, x: Tensor) -> Tensor:
    return x + self.held[0]
)";

TEST_F(RepairArchive, ProvesEveryMethodThatItChanged) {
  save(kThreeMethods);
  ProofCalls given = calls();
  given.method_inputs["encode"] = given.method_inputs["decode"] = given.inputs;
  const RepairResult result = repair_archive(archive_.path(), target_.path(), given);
  EXPECT_TRUE(result.written) << result.why_not;
  EXPECT_EQ(result.proof->calls_at_home, 9);
  EXPECT_THAT(result.proof->cells, SizeIs(21));
}

TEST_F(RepairArchive, WritesNothingIfAChangedMethodWasGivenNoInputs) {
  save(kThreeMethods);
  EXPECT_EQ(repair().why_not,
            "decode and encode were changed, and given no inputs to prove it with; give each "
            "argument as --input METHOD:SPEC");
  ProofCalls given = calls();
  given.inputs.clear();
  given.method_inputs["encode"] = calls().inputs;
  const RepairResult result = repair_archive(archive_.path(), target_.path(), given);
  EXPECT_EQ(result.why_not,
            "decode was changed, and given no inputs to prove it with; give each argument as "
            "--input decode:SPEC");
  EXPECT_FALSE(result.written);
  EXPECT_FALSE(std::filesystem::exists(target_.path()));
}

TEST_F(RepairArchive, WantsNoInputsOfMethodsThatItLeavesAlone) {
  save(
      "    return x * self.weight + torch.arange(3)\n"
      "def encode(self, x: Tensor) -> Tensor:\n    return x * 2\n"
      "def helper(self, x: Tensor) -> Tensor:\n    return x + torch.arange(3)\n"
      "def decode(self, x: Tensor) -> Tensor:\n    return self.helper(x)\n");
  EXPECT_THAT(repair().why_not, StartsWith("decode was changed,"));
  ProofCalls given = calls();
  given.method_inputs["decode"] = given.inputs;
  const RepairResult result = repair_archive(archive_.path(), target_.path(), given);
  EXPECT_TRUE(result.written) << result.why_not;
}

TEST_F(RepairArchive, MayReplaceTheArchiveItself) {
  save("    return x * self.weight + torch.arange(3)\n");
  EXPECT_TRUE(repair_archive(archive_.path(), archive_.path(), calls()).written);
  const RepairResult again = repair();
  EXPECT_TRUE(again.written);
  EXPECT_THAT(again.steps, IsEmpty());
}

TEST_F(RepairArchive, CopiesByteForByteWhatNeedsNothing) {
  save("    return x * self.weight\n", {{"labels.txt", "cat"}});
  const RepairResult result = repair();
  EXPECT_TRUE(result.written) << result.why_not;
  EXPECT_THAT(result.steps, IsEmpty());
  EXPECT_EQ(bytes_of(target_.path()), bytes_of(archive_.path()));
}

TEST_F(RepairArchive, LeavesRandomNumbersToTheirAuthor) {
  save("    return torch.dropout(x, 0.5, True) * self.weight + torch.arange(3)\n");
  const RepairResult result = repair();
  EXPECT_TRUE(result.written) << result.why_not;
  EXPECT_THAT(result.steps, SizeIs(1));
  EXPECT_THAT(result.left, IsEmpty());
}

TEST_F(RepairArchive, WritesNothingWhereSomethingIsLeft) {
  save("    self.held.append(x)\n    return x * self.weight + self.held[0]\n");
  std::ofstream(target_.path()) << "what was there";
  const RepairResult result = repair();
  EXPECT_FALSE(result.written);
  EXPECT_EQ(result.why_not, "1 place cannot be repaired automatically");
  EXPECT_FALSE(result.proof);
  ASSERT_THAT(result.left, SizeIs(1));
  EXPECT_EQ(result.left[0].attribute, "held");
  ASSERT_THAT(result.left[0].findings, SizeIs(1));
  for (const Finding& finding : result.findings) {
    const bool is_left = finding.id == result.left[0].findings[0];
    EXPECT_TRUE(!is_left || finding.repair == Repairability::kManual) << "it was promised";
  }
  EXPECT_EQ(bytes_of(target_.path()), "what was there");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(target_.folder()), {}), 1);
}

TEST_F(RepairArchive, WritesNothingThatFailsItsProof) {
  save("    return torch.zeros([7]) + x * self.weight\n");
  const RepairResult result = repair();
  EXPECT_FALSE(result.written);
  EXPECT_THAT(result.why_not,
              StartsWith("the archive itself fails in call 1 of input set 1 on cpu: "));
  EXPECT_TRUE(std::filesystem::is_empty(target_.folder()));
}

TEST_F(RepairArchive, NeedsTheDeviceThatTheArchiveWasMadeOn) {
  save("    return x * self.weight + torch.arange(3, device=torch.device(\"cuda:93\"))\n");
  const RepairResult result = repair();
  EXPECT_FALSE(result.written);
  EXPECT_THAT(result.why_not,
              StartsWith("the archive was made on cuda:93, and whether it still answers as before "
                         "can only be seen there: cuda:93 is absent: "));
  EXPECT_FALSE(result.findings.empty());
}

TEST_F(RepairArchive, NeedsInputs) {
  save("    return x * self.weight\n");
  EXPECT_THAT([&] { repair_archive(archive_.path(), target_.path(), {}); },
              ThrowsMessage<std::invalid_argument>(
                  "without inputs there is nothing to prove a repair with"));
}

TEST_F(RepairArchive, NamesTheFileThatItCannotRead) {
  EXPECT_THAT([&] { repair_archive("no_such.pt", target_.path(), calls()); },
              ThrowsMessage<std::runtime_error>(
                  "cannot read archive no_such.pt: No such file or directory"));
}

TEST_F(RepairArchive, NamesTheFileThatItCannotWrite) {
  save("    return x * self.weight\n");
  EXPECT_THAT([&] { repair_archive(archive_.path(), "no/folder/fixed.pt", calls()); },
              ThrowsMessage<std::runtime_error>(
                  HasSubstr("cannot write no/folder/fixed.pt: No such file or directory")));
}

}  // namespace
}  // namespace crosstrace
