// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/report/growing_report.h>
#include <crosstrace/report/json.h>
#include <crosstrace/report/read_json.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unit/report/sample_report.h>
#include <unit/temporary_file.h>

#include <fstream>
#include <iterator>

namespace crosstrace {
namespace {

using test::sample_report;
using testing::HasSubstr;

std::string text_of(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

Report head() {
  Report report = sample_report();
  report.program = "models";
  report.cells.clear();
  report.findings.clear();
  return report;
}

class GrowingReportTest : public ::testing::Test {
 protected:
  Report read() const { return report_from_json(text_of(file_.path())); }

  TemporaryFile file_{"entry.json"};
};

TEST_F(GrowingReportTest, IsWholeAfterEveryStep) {
  GrowingReport growing(file_.path(), head());
  EXPECT_EQ(read().cells.size(), 0U);
  EXPECT_EQ(read().devices.size(), 4U);
  const Report sample = sample_report();
  for (std::size_t i = 0; i < sample.cells.size(); ++i) {
    growing.begin({.id = sample.cells[i].id});
    const Report running = read();
    ASSERT_EQ(running.cells.size(), i + 1);
    EXPECT_EQ(running.cells.back().verdict, Verdict::kCrashed);
    EXPECT_EQ(running.cells.back().message, "its process ended while this cell ran");
    growing.end(sample.cells[i]);
    const Report ended = read();
    ASSERT_EQ(ended.cells.size(), i + 1);
    EXPECT_EQ(ended.cells.back().id, sample.cells[i].id);
    EXPECT_EQ(ended.cells.back().verdict, sample.cells[i].verdict);
  }
  EXPECT_EQ(read().summary().failed, sample.summary().failed);
}

TEST_F(GrowingReportTest, EndsAsTheReportThatIsWrittenAtOnce) {
  const Report sample = sample_report();
  GrowingReport growing(file_.path(), head());
  for (const CellResult& cell : sample.cells) growing.end(cell);
  growing.finish(sample.devices, sample.findings);
  Report whole = sample;
  whole.program = "models";
  EXPECT_EQ(text_of(file_.path()), to_json(whole));
}

TEST_F(GrowingReportTest, TellsWhichCellKilledItsProcess) {
  const Report sample = sample_report();
  EXPECT_EXIT(
      {
        GrowingReport growing(file_.path(), head());
        growing.end(sample.cells[0]);
        growing.begin({.id = sample.cells[1].id});
        raise(SIGKILL);
      },
      ::testing::KilledBySignal(SIGKILL), "");
  const Report left = read();
  ASSERT_EQ(left.cells.size(), 2U);
  EXPECT_EQ(left.cells[1].id, sample.cells[1].id);
  EXPECT_EQ(left.cells[1].verdict, Verdict::kCrashed);
  EXPECT_EQ(left.summary().failed, 1);
}

TEST(GrowingReportFolder, IsMadeAndRefusedInOneLine) {
  const TemporaryFile file("entry.json");
  const auto folder = file.folder() / "made" / "here";
  { GrowingReport growing(folder / "a.json", head()); }
  EXPECT_EQ(report_from_json(text_of(folder / "a.json")).program, "models");
  try {
    GrowingReport growing(folder / "a.json" / "b.json", head());
    FAIL() << "wrote into a file";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("b.json: Not a directory"));
  }
}

}  // namespace
}  // namespace crosstrace
