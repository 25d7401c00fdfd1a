// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/diagnose/trace_differences.h>
#include <crosstrace/models/register.h>
#include <gmock/gmock.h>

namespace crosstrace {
namespace {

using ::testing::IsEmpty;

const char* const kFile = __FILE__;

template <class F>
std::vector<Finding> differences(F function, std::vector<std::string> devices = {"cpu", "sim:0"}) {
  return compare_traces(ModelBuilder("Traced", {"models.cpp", 1})
                            .function(std::function<at::Tensor(at::Tensor)>(function))
                            .inputs([] {
                              return at::ones({3, 4});
                            })
                            .build(),
                        devices);
}

std::string at_line(int line) { return std::string(kFile) + ":" + std::to_string(line); }

TEST(TraceDifferences, ShowABranchOnTheDevice) {
  const int line = __LINE__;
  const auto found = differences([](at::Tensor x) {
    x = x.relu();
    if (x.device().is_cpu()) {
      x = x + 1;
    } else {
      x = x * 2;
      x = x.sigmoid();
    }
    return x.tanh().to(x.device());
  });
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].rule, "device-branch");
  EXPECT_EQ(found[0].severity, Severity::kNote);
  EXPECT_EQ(found[0].operator_name, "aten::add");
  EXPECT_EQ(found[0].source->str(), at_line(line + 4));
  EXPECT_EQ(found[0].message,
            "Traced on cpu the model records aten::add, and on sim:0 aten::mul in its place, so "
            "the device that it was traced on decides what it computes.");
  EXPECT_EQ(found[0].advice, "Take the branch out of forward, or script it.");
  EXPECT_EQ(found[0].details,
            "--- cpu\n+++ sim:0\n"
            " %2 = aten::relu(%1)  # " +
                at_line(line + 2) +
                "\n"
                "-%3 = aten::add(%2, 1, 1)  # " +
                at_line(line + 4) +
                "\n"
                "+%3 = aten::mul(%2, 2)  # " +
                at_line(line + 6) +
                "\n"
                "+%4 = aten::sigmoid(%3)  # " +
                at_line(line + 7) +
                "\n"
                " %4 = aten::tanh(%3)  # " +
                at_line(line + 9) +
                "\n"
                " %5 = aten::to(%4, None, None, cpu, None, False, False, None)  # " +
                at_line(line + 9) + "\n");
}

TEST(TraceDifferences, AreNoneForLiteralDevices) {
  EXPECT_THAT(differences([](at::Tensor x) {
                return x + at::zeros_like(x) + at::ones({4}, x.device()).relu();
              }),
              IsEmpty());
}

TEST(TraceDifferences, NameTheSizesThatWereBaked) {
  const int line = __LINE__ + 3;
  const auto found = differences(
      [](at::Tensor x) {
        return x.reshape({x.size(0), 2, 2}).flatten(1);
      },
      {"cpu"});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].rule, "baked-shape");
  EXPECT_EQ(found[0].severity, Severity::kNote);
  EXPECT_EQ(found[0].source->str(), at_line(line));
  EXPECT_EQ(found[0].message,
            "aten::reshape has the literal shape = [3, 2, 2] where a trace of inputs [6, 4] has "
            "[6, 2, 2], so it is right for inputs of the traced sizes alone.");
  EXPECT_EQ(found[0].advice,
            "Write sizes that follow the input: -1, flatten, expand_as; or script the function.");
}

TEST(TraceDifferences, NameLoopsOverASize) {
  const auto found = differences(
      [](at::Tensor x) {
        at::Tensor sum = x[0];
        for (int64_t i = 1; i < x.size(0); ++i) sum = sum + x[i];
        return sum;
      },
      {"cpu"});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].rule, "baked-shape");
  EXPECT_EQ(found[0].message,
            "The trace has 5 operators for inputs [3, 4] and 11 for [6, 4], so it is right for "
            "inputs of the traced sizes alone.");
  EXPECT_EQ(found[0].advice, "Script the part that loops or branches over a size.");
}

TEST(TraceDifferences, NameTheDtypesThatWereBaked) {
  const auto found =
      differences([](at::Tensor x) { return x + at::arange(4, x.options()); }, {"cpu"});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].rule, "baked-dtype");
  EXPECT_EQ(found[0].severity, Severity::kNote);
  EXPECT_EQ(found[0].operator_name, "aten::arange");
  EXPECT_EQ(found[0].message,
            "aten::arange has the literal dtype Float where a trace of double inputs has Double, "
            "so in another precision it is not the model.");
}

TEST(TraceDifferences, AreNoneForModelsThatFollowTheirInput) {
  EXPECT_THAT(differences([](at::Tensor x) {
                return (x.softmax(-1) + at::zeros_like(x)).flatten(1).matmul(x.t());
              }),
              IsEmpty());
}

TEST(TraceDifferences, LeaveOutWhatTheModelRefuses) {
  EXPECT_THAT(differences([](at::Tensor x) {
                TORCH_CHECK(x.size(0) == 3 && x.scalar_type() == at::kFloat && x.is_cpu());
                return x.relu();
              }),
              IsEmpty());
}

}  // namespace
}  // namespace crosstrace
