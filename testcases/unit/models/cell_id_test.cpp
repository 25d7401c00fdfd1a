// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/matrix/cell_result.h>
#include <crosstrace/models/cell_id.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace crosstrace {
namespace {

CellId cell(const std::string& model) {
  return {model, ExportKind::kTrace, "cpu", Transfer::kLoad, "sim:0"};
}

TEST(CellIdTest, HasATestName) {
  EXPECT_EQ(cell("SimpleModel").name(), "SimpleModel__trace_cpu__load__sim0");
  EXPECT_EQ((CellId{"M", ExportKind::kArchive, "unknown", Transfer::kAsTraced, "cuda:1"}).name(),
            "M__archive_unknown__as_traced__cuda1");
}

TEST(CellIdTest, NeedsItsTraceDeviceUnlessItIsAnArchive) {
  EXPECT_THAT((CellId{"M", ExportKind::kTrace, "cuda:0", Transfer::kTo, "cpu"}).needed_devices(),
              testing::ElementsAre("cuda:0", "cpu"));
  EXPECT_THAT((CellId{"M", ExportKind::kArchive, "cuda:0", Transfer::kTo, "cpu"}).needed_devices(),
              testing::ElementsAre("cpu"));
}

TEST(CellIdTest, DescribesItselfInOneLine) {
  EXPECT_EQ(cell("SimpleModel").describe(), "SimpleModel: trace on cpu, load, run on sim:0");
  EXPECT_EQ((CellId{"M", ExportKind::kScript, "sim:1", Transfer::kTo, "cpu"}).describe(),
            "M: script made on sim:1, to, run on cpu");
  EXPECT_EQ((CellId{"M", ExportKind::kArchive, "cuda:0", Transfer::kTo, "cpu"}).describe(),
            "M: archive of cuda:0, to, run on cpu");
  EXPECT_EQ((CellId{"M", ExportKind::kArchive, "unknown", Transfer::kTo, "cpu"}).describe(),
            "M: archive of unknown device, to, run on cpu");
}

TEST(ParseTransferTest, ReadsEveryWord) {
  for (const auto transfer : {Transfer::kAsTraced, Transfer::kTo, Transfer::kLoad}) {
    EXPECT_EQ(parse_transfer(to_string(transfer)), transfer);
  }
}

TEST(ParseTransferTest, RejectsAnyOther) {
  try {
    (void)parse_transfer("copy");
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "unknown transfer 'copy'; use as_traced, to or load");
  }
}

CellResult result(Verdict verdict, const std::string& expected_failure = "",
                  bool failed_as_expected = false) {
  CellResult result;
  result.verdict = verdict;
  result.expected_failure = expected_failure;
  result.failed_as_expected = failed_as_expected;
  return result;
}

TEST(OutcomeTest, PassesOnlyAMatch) {
  EXPECT_EQ(outcome(result(Verdict::kMatch)), Outcome::kPassed);
  EXPECT_EQ(outcome(result(Verdict::kSkipped)), Outcome::kSkipped);
  EXPECT_EQ(outcome(result(Verdict::kUntrusted)), Outcome::kUntrusted);
  for (const auto verdict : {Verdict::kMismatch, Verdict::kNonfinite, Verdict::kWrongDevice,
                             Verdict::kWrongShape, Verdict::kWrongDtype, Verdict::kUnstable,
                             Verdict::kError, Verdict::kCrashed, Verdict::kTimeout}) {
    EXPECT_EQ(outcome(result(verdict)), Outcome::kFailed) << to_string(verdict);
    EXPECT_TRUE(is_failure(verdict));
  }
}

TEST(OutcomeTest, PassesAFailureThatWasExpected) {
  EXPECT_EQ(outcome(result(Verdict::kError, "baked device", true)), Outcome::kPassed);
}

TEST(OutcomeTest, FailsAMatchThatWasExpectedToFail) {
  EXPECT_EQ(outcome(result(Verdict::kMatch, "baked device", false)), Outcome::kFailed);
}

TEST(OutcomeTest, FailsInAnotherWayThanExpected) {
  EXPECT_EQ(outcome(result(Verdict::kMismatch, "baked device", false)), Outcome::kFailed);
}

TEST(OutcomeTest, SkipsWhereADeviceIsAbsentWhateverIsExpected) {
  EXPECT_EQ(outcome(result(Verdict::kSkipped, "baked device", false)), Outcome::kSkipped);
}

TEST(VerdictTest, HasTheWordsOfTheContract) {
  EXPECT_EQ(to_string(Verdict::kMatch), "match");
  EXPECT_EQ(to_string(Verdict::kWrongDevice), "wrong_device");
  EXPECT_EQ(to_string(Verdict::kUntrusted), "untrusted");
  EXPECT_EQ(to_string(Verdict::kSkipped), "skipped");
}

}  // namespace
}  // namespace crosstrace
