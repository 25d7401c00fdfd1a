// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/report/github.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unit/report/sample_report.h>

#include <algorithm>

namespace crosstrace {
namespace {

using test::golden_difference;
using test::sample_report;
using testing::HasSubstr;
using testing::Not;

TEST(StepSummaryTest, IsTheGoldenFile) {
  EXPECT_EQ(golden_difference("step_summary.md", to_step_summary(sample_report())), "");
}

TEST(StepSummaryTest, TakesNoMarkupFromNamesAndMessages) {
  Report report{.tool_version = "0.1.0", .libtorch_version = "2.15.0"};
  report.cells = {test::cell("<img src=x>", "cpu", Transfer::kTo, "cpu", Verdict::kError,
                             "</code></details>\n\n# heading")};
  const std::string text = to_step_summary(report);
  EXPECT_THAT(text, Not(HasSubstr("<img")));
  EXPECT_THAT(text, HasSubstr("<code>&lt;/code&gt;&lt;/details&gt;</code>"));
  EXPECT_THAT(text, Not(HasSubstr("\n# ")));
}

TEST(StepSummaryTest, StaysUnderGitHubsLimitAndCountsWhatIsLeftOut) {
  Report report{.tool_version = "0.1.0", .libtorch_version = "2.15.0"};
  for (int model = 0; model < 400; ++model) {
    report.cells.push_back(test::cell("Model" + std::to_string(model), "cpu", Transfer::kTo, "cpu",
                                      Verdict::kError, std::string(5000, 'x')));
  }
  const std::string text = to_step_summary(report);
  EXPECT_LT(text.size(), 1U << 20);
  EXPECT_THAT(text, HasSubstr(" models did not fit in here; the report has them.\n"));
}

TEST(AnnotationsTest, PutCausesAtTheirLineFirst) {
  EXPECT_EQ(to_annotations(sample_report()),
            "::error file=src/my model.py,line=14,title=device-literal::aten::arange makes its "
            "tensor on cpu, wherever the input is.%0AMake it on the device of the "
            "input.%0AFails: Baked<T>: trace on cpu, to, run on sim:0\n"
            "::error title=Baked<T>%3A trace on cpu%2C load%2C run on cpu::matches, though a "
            "failure is declared: captured tensor\n"
            "::error title=Baked<T>%3A trace on cpu%2C load%2C run on sim%3A1::untrusted: every "
            "output is empty\n");
}

TEST(AnnotationsTest, AreTenAtMost) {
  Report report;
  for (int model = 0; model < 30; ++model) {
    report.cells.push_back(test::cell("M" + std::to_string(model), "cpu", Transfer::kTo, "cpu",
                                      Verdict::kError, "100%\r\n"));
  }
  const std::string text = to_annotations(report);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 10);
  EXPECT_THAT(text, HasSubstr("::error: 100%25\xEF\xBF\xBD\n"));
  EXPECT_THAT(text, HasSubstr("::21 more: see the summary of this step\n"));
}

TEST(AnnotationsTest, NameFilesRelativeToTheCheckout) {
  Report report;
  report.cells = {test::cell("M", "cpu", Transfer::kTo, "cpu", Verdict::kError, "threw")};
  report.cells[0].causes = {"x"};
  report.findings.resize(1);
  report.findings[0].id = "x";
  report.findings[0].source = SourceLocation{"/checkout/src/m.py", 3};
  EXPECT_THAT(to_annotations(report, "/checkout"), HasSubstr("file=src/m.py,line=3"));
  EXPECT_THAT(to_annotations(report, "/other"), HasSubstr("file=/checkout/src/m.py,line=3"));
}

}  // namespace
}  // namespace crosstrace
