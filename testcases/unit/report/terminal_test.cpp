// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// What people at a terminal read; that the text is right is held by the golden file of writers_test.cpp.

#include <crosstrace/report/detail/wrap.h>
#include <crosstrace/report/terminal.h>
#include <crosstrace/report/terminal_width.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <unit/report/sample_report.h>

#include <algorithm>
#include <sstream>

namespace crosstrace {
namespace {

using test::sample_report;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

std::string terminal(const Report& report, std::size_t width = 0, Colors colors = Colors::kOff) {
  std::ostringstream stream;
  write_terminal(stream, report, colors, width);
  return stream.str();
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

std::size_t characters(const std::string& utf8) {
  return static_cast<std::size_t>(std::count_if(
      utf8.begin(), utf8.end(), [](unsigned char byte) { return (byte & 0xC0) != 0x80; }));
}

std::string without_colors(std::string text) {
  for (std::size_t start; (start = text.find('\033')) != std::string::npos;) {
    text.erase(start, text.find('m', start) + 1 - start);
  }
  return text;
}

/// A model that fails as it says, of a cause that is found.
Report declared_report() {
  Report report{.tool_version = "0.1.0", .libtorch_version = "2.15.0"};
  for (const auto transfer : {Transfer::kTo, Transfer::kLoad}) {
    auto& cell = report.cells.emplace_back(
        test::cell("M", "cpu", transfer, "sim:0", Verdict::kError, "threw"));
    cell.expected_failure = "error: captured tensor";
    cell.failed_as_expected = true;
    cell.causes = {"device-literal-1"};
  }
  report.findings = {test::sample_findings()[2]};
  return report;
}

TEST(TerminalReportTest, KeepsToTheWidthOfTheTerminal) {
  EXPECT_EQ(test::golden_difference("report_narrow.txt", terminal(sample_report(), 60)), "");
  for (const std::size_t width : {50, 60, 80, 120}) {
    std::istringstream lines(terminal(sample_report(), width));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(characters(line), width) << line;
  }
  EXPECT_EQ(terminal(sample_report(), 1000), terminal(sample_report()));
}

TEST(TerminalReportTest, LosesNoCellToTheWidth) {
  for (const char* mark : {"ok!", "differs", "(error)", "  -"}) {
    const auto tables = [&](std::size_t width) {
      const auto text = terminal(sample_report(), width);
      return text.substr(0, text.find("(error) error"));
    };
    EXPECT_EQ(count_of(tables(50), mark), count_of(tables(0), mark)) << mark;
  }
}

TEST(TerminalReportTest, ColoursDoNotChangeWhereLinesBreak) {
  EXPECT_EQ(without_colors(terminal(sample_report(), 60, Colors::kOn)),
            terminal(sample_report(), 60));
}

TEST(WrapTest, BreaksBetweenWordsAndGoesOnFurtherIn) {
  EXPECT_EQ(detail::wrap("  one two three\nfour\n", 11), "  one two\n      three\nfour\n");
  EXPECT_EQ(detail::wrap("a wordthatisverylong b\n", 8), "a\n    wordthatisverylong\n    b\n");
  EXPECT_EQ(detail::wrap("\033[1;31mone\033[0m two\n", 7), "\033[1;31mone\033[0m two\n");
  EXPECT_EQ(detail::wrap("\xC3\xA4\xC3\xB6\xC3\xBC x\n", 5), "\xC3\xA4\xC3\xB6\xC3\xBC x\n");
}

TEST(TerminalReportTest, WritesOnceWhatManyCellsSay) {
  Report report;
  for (const std::string model : {"A", "B"}) {
    for (const auto transfer : {Transfer::kTo, Transfer::kLoad}) {
      for (const std::string run : {"cpu", "sim:0", "sim:1"}) {
        report.cells.push_back(
            test::cell(model, "cpu", transfer, run, Verdict::kError, "the same\nmore"));
      }
    }
  }
  report.cells.push_back(
      test::cell("B", "cpu", Transfer::kAsTraced, "cpu", Verdict::kError, "other"));
  const auto text = terminal(report);
  EXPECT_EQ(count_of(text, "error: the same"), 1U);
  EXPECT_THAT(text, HasSubstr("  B: trace on cpu, to, run on sim:0\n  and 4 cells more\n"
                              "    error: the same\n"
                              "  B: trace on cpu, as_traced, run on cpu\n"
                              "    error: other\n"));
}

TEST(TerminalReportTest, WhatIsDeclaredToFailIsALine) {
  const auto text = terminal(declared_report());
  EXPECT_THAT(text, HasSubstr("Failed as declared\n  M: error: captured tensor (2 cells)\n"));
  EXPECT_THAT(text, Not(HasSubstr("Findings")));
  EXPECT_THAT(text, EndsWith("\n2 passed, 0 failed, 0 skipped, 0 untrusted: all as declared\n"));
}

TEST(TerminalReportTest, SaysAllAsDeclaredOnlyWhereNothingElseFails) {
  Report report = declared_report();
  report.cells.push_back(test::cell("N", "cpu", Transfer::kTo, "sim:0", Verdict::kError, "threw"));
  const auto text = terminal(report);
  EXPECT_THAT(text, EndsWith("\n2 passed, 1 failed, 0 skipped, 0 untrusted\n"));
  EXPECT_THAT(text, HasSubstr("Findings\n  1 finding explains what is declared to fail; the JSON "
                              "report has all\n"));
  report.cells.back().causes = {"device-literal-1"};
  EXPECT_THAT(terminal(report), HasSubstr("Findings\n  error: device-literal at"));
  report = declared_report();
  report.cells.clear();
  EXPECT_THAT(terminal(report), Not(HasSubstr("as declared")));
}

/// A terminal that nobody looks at.
class PseudoTerminal {
 public:
  PseudoTerminal() : master_(::posix_openpt(O_RDWR | O_NOCTTY)) {
    ::grantpt(master_);
    ::unlockpt(master_);
    slave_ = ::open(::ptsname(master_), O_RDWR | O_NOCTTY);
  }
  ~PseudoTerminal() {
    ::close(slave_);
    ::close(master_);
  }

  int descriptor() const { return slave_; }

  void resize(unsigned short columns) const {
    const winsize size{.ws_row = 24, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
    ::ioctl(slave_, TIOCSWINSZ, &size);
  }

 private:
  int master_;
  int slave_;
};

TEST(TerminalWidthTest, IsThatOfTheTerminalAndNoneWhereNobodyLooks) {
  const PseudoTerminal pseudo;
  pseudo.resize(72);
  EXPECT_EQ(terminal_width(pseudo.descriptor()), 72U);
  EXPECT_EQ(terminal_width(-1), 0U);
}

TEST(ColorsTest, AreOnAtATerminalThatTakesThem) {
  const PseudoTerminal pseudo;
  ::unsetenv("NO_COLOR");
  ::setenv("TERM", "xterm", 1);
  EXPECT_EQ(colors_for(pseudo.descriptor()), Colors::kOn);
  ::setenv("TERM", "dumb", 1);
  EXPECT_EQ(colors_for(pseudo.descriptor()), Colors::kOff);
  ::setenv("TERM", "xterm", 1);
  ::setenv("NO_COLOR", "1", 1);
  EXPECT_EQ(colors_for(pseudo.descriptor()), Colors::kOff);
  ::unsetenv("NO_COLOR");
}

}  // namespace
}  // namespace crosstrace
