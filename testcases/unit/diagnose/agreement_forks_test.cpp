// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/models/register.h>

#include "unit/diagnose/agreement.h"
#include "unit/fork_script.h"
#include "unit/temporary_file.h"

// What `fork` calls: predictions say what the cells do.
namespace crosstrace {
namespace {

struct Case {
  const char* name;
  const char* part;     ///< What is forked gives this.
  const char* forward;  ///< Body of forward.
};

class ForkAgreement : public ::testing::TestWithParam<Case> {};

TEST_P(ForkAgreement, PredictsWhatEveryCellDoes) {
  const std::string source = std::string("def part(self, x: Tensor):\n    return ") +
                             GetParam().part + "\ndef forward(self, x: Tensor):\n" +
                             GetParam().forward;
  const TemporaryFile archive("forks.pt");
  forking(source).save(archive.path());
  expect_agreement(ModelBuilder("M", {"m.cpp", 1})
                       .archive(archive.path())
                       .inputs([] {
                         return at::rand({2, 3}) + 0.5;
                       })
                       .build());
}

constexpr const char* kOne = "    f = fork(self.part, x)\n    return torch.wait(f) + x\n";
constexpr const char* kAnswer = "    f = fork(self.part, x)\n    return torch.wait(f)\n";
constexpr const char* kInList =
    "    fs = [fork(self.part, x), fork(self.part, x * 2)]\n"
    "    return torch.wait(fs[0]) + torch.wait(fs[1])\n";

const Case kCases[] = {
    {"Follows", "x * self.shift", kOne},        {"FollowsInList", "x * self.shift", kInList},
    {"Refuses", "x * torch.arange(3)", kOne},   {"RefusesInList", "x * torch.arange(3)", kInList},
    {"MeetsBehindIt", "torch.arange(3)", kOne}, {"Answers", "x.cpu()", kAnswer},
};

INSTANTIATE_TEST_SUITE_P(Diagnose, ForkAgreement, ::testing::ValuesIn(kCases),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace crosstrace
