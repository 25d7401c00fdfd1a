// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/repair/detail/archive_file.h>
#include <crosstrace/repair/proof.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include <filesystem>
#include <fstream>

#include "unit/temporary_file.h"

namespace crosstrace {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using ::testing::ThrowsMessage;

/// An archive whose forward has the body given.
class Saved {
 public:
  explicit Saved(const std::string& body) {
    torch::jit::Module module("M");
    module.register_parameter("weight", at::arange(1, 4, at::kFloat), /*is_buffer=*/false);
    module.define("def forward(self, x: Tensor) -> Tensor:\n    return " + body + "\n");
    module.save(file_.path());
  }
  const std::string& path() const { return file_.path(); }

 private:
  TemporaryFile file_{"model.pt"};
};

ProofCalls calls_on(std::vector<std::string> devices) {
  ProofCalls calls;
  calls.inputs = {[] {
                    return Inputs{at::randn({2, 3})};
                  },
                  [] {
                    return Inputs{at::randn({5, 3})};
                  }};
  calls.devices = std::move(devices);
  return calls;
}

TEST(Prove, HoldsForTheSameAnswersAndAFullMatrix) {
  const Saved before("x * self.weight"), after("torch.mul(x, self.weight)");
  const Proof proof = prove(before.path(), after.path(), "cpu", calls_on({"cpu", "sim:0"}));
  EXPECT_TRUE(proof.holds()) << proof.why_not;
  EXPECT_EQ(proof.calls_at_home, 6);
  EXPECT_EQ(proof.cells.size(), 5U);
}

TEST(Prove, SeesOneBit) {
  const Saved before("x * self.weight"), after("x * self.weight * (1.0 + 1e-7)");
  const Proof proof = prove(before.path(), after.path(), "cpu", calls_on({"cpu"}));
  EXPECT_EQ(proof.why_not,
            "the repaired archive does not answer as before to the last bit in call 1 of input "
            "set 1 on cpu");
  EXPECT_THAT(proof.cells, IsEmpty());
}

TEST(Prove, SeesWhatForwardLeavesInItsArgument) {
  const Saved before("x.mul_(2).clone()"), after("x * 2");
  EXPECT_EQ(prove(before.path(), after.path(), "cpu", calls_on({"cpu"})).why_not,
            "the repaired archive does not leave argument 0 as before to the last bit in call 1 of "
            "input set 1 on cpu");
}

TEST(Prove, NamesTheCellThatFails) {
  const Saved before("x * self.weight + torch.arange(3)"),
      after("x * self.weight + torch.arange(3)");
  const Proof proof = prove(before.path(), after.path(), "cpu", calls_on({"cpu", "sim:1"}));
  EXPECT_EQ(proof.calls_at_home, 6);
  EXPECT_THAT(proof.why_not, StartsWith("the repaired archive fails in the cell "));
  EXPECT_THAT(proof.why_not,
              HasSubstr("to, run on sim:1: error: input set 1, call 1 of 3: Expected all tensors"));
}

TEST(Prove, SaysThatTheArchiveItselfFailsAtHome) {
  const Saved before("x.view([7])"), after("x.view([7])");
  EXPECT_THAT(prove(before.path(), after.path(), "cpu", calls_on({"cpu"})).why_not,
              StartsWith("the archive itself fails in call 1 of input set 1 on cpu: "));
}

TEST(Prove, SaysThatTheRepairedOneFailsAtHome) {
  const Saved before("x * self.weight"), after("x.view([7])");
  EXPECT_THAT(prove(before.path(), after.path(), "cpu", calls_on({"cpu"})).why_not,
              StartsWith("the repaired archive fails in call 1 of input set 1 on cpu: "));
}

TEST(Prove, NeedsTheHomeDevice) {
  const Saved archive("x * self.weight");
  EXPECT_THAT(prove(archive.path(), archive.path(), "cuda:99", calls_on({"cpu"})).why_not,
              StartsWith("the archive was made on cuda:99, and whether it still answers as before "
                         "can only be seen there: cuda:99 is absent: "));
}

TEST(Prove, NeedsInputs) {
  const Saved archive("x * self.weight");
  EXPECT_THAT([&] { prove(archive.path(), archive.path(), "cpu", {}); },
              ThrowsMessage<std::invalid_argument>(
                  "without inputs there is nothing to prove a repair with"));
}

TEST(PendingFile, IsGoneUnlessItIsKept) {
  const TemporaryFile target("fixed.pt");
  const Saved archive("x * self.weight");
  {
    PendingFile file(target.path());
    detail::copy(archive.path(), file);
    EXPECT_TRUE(std::filesystem::exists(file.path()));
  }
  EXPECT_TRUE(std::filesystem::is_empty(target.folder()));
  {
    PendingFile file(target.path());
    detail::copy(archive.path(), file);
    file.keep();
  }
  EXPECT_NO_THROW(torch::jit::load(target.path()));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(target.folder()), {}), 1);
}

TEST(PendingFile, KeepsExtraFiles) {
  const TemporaryFile source("source.pt"), target("fixed.pt");
  torch::jit::Module module("M");
  module.define("def forward(self, x: Tensor) -> Tensor:\n    return x\n");
  const std::string bytes("\0binary\n", 8);
  module.save(source.path(), {{"labels.txt", "cat\ndog"}, {"folder/raw", bytes}});
  PendingFile file(target.path());
  detail::save(module, detail::extra_files(source.path()), {}, file);
  file.keep();
  torch::jit::ExtraFilesMap extra = {{"labels.txt", ""}, {"folder/raw", ""}};
  torch::jit::load(target.path(), c10::kCPU, extra);
  EXPECT_EQ(extra["labels.txt"], "cat\ndog");
  EXPECT_EQ(extra["folder/raw"], bytes);
}

TEST(PendingFile, SaysWhereItCannotWrite) {
  const Saved archive("x * self.weight");
  EXPECT_THAT([&] { detail::copy(archive.path(), PendingFile("no/such/folder/x.pt")); },
              ThrowsMessage<std::runtime_error>(
                  "cannot write no/such/folder/x.pt: No such file or directory"));
  EXPECT_THAT([] { detail::require_ordinary_file("/dev/null"); },
              ThrowsMessage<std::runtime_error>("cannot write /dev/null: it is no ordinary file"));
}

}  // namespace
}  // namespace crosstrace
