// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What the code that write_examples.py writes calls around an example.
#pragma once

#include <gtest/gtest.h>

#include <iostream>
#include <sstream>
#include <string>

namespace header_examples {

/// Takes what an example writes to std::cout and std::cerr.
class Output {
 public:
  Output() : cout_(std::cout.rdbuf(text_.rdbuf())), cerr_(std::cerr.rdbuf(text_.rdbuf())) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() {
    std::cout.rdbuf(cout_);
    std::cerr.rdbuf(cerr_);
  }

  /// Whether it wrote `expected`, in which `...` stands for any text; blanks and line breaks count alike, since a comment
  /// is narrower than a terminal.
  ::testing::AssertionResult operator()(const char* /*expression*/,
                                        const std::string& expected) const {
    if (matches(one_line(text_.str()), one_line(expected))) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << "the comment says that it prints\n"
                                         << expected << "\nand it prints\n"
                                         << text_.str();
  }

 private:
  static std::string one_line(const std::string& text) {
    std::istringstream words(text);
    std::string line;
    for (std::string word; words >> word;) line += (line.empty() ? "" : " ") + word;
    return line;
  }

  /// The pieces between `...` occur in this order, the first at the beginning and the last at the end.
  static bool matches(const std::string& text, const std::string& expected) {
    const auto gap = expected.find("...");
    if (gap == std::string::npos) return text == expected;
    if (text.compare(0, gap, expected, 0, gap) != 0) return false;
    for (std::size_t i = gap; i <= text.size(); ++i)
      if (matches(text.substr(i), expected.substr(gap + 3))) return true;
    return false;
  }

  std::ostringstream text_;
  std::streambuf* cout_;
  std::streambuf* cerr_;
};

/// Whether tests of this suite, for one parameter at least, are there and run.
inline bool has_tests(const std::string& suite) {
  const auto& tests = *::testing::UnitTest::GetInstance();
  for (int i = 0; i < tests.total_test_suite_count(); ++i) {
    const std::string name = tests.GetTestSuite(i)->name();
    if (name.substr(name.rfind('/') + 1) == suite && tests.GetTestSuite(i)->test_to_run_count() > 0)
      return true;
  }
  return false;
}

/// Runs every cell of a model that an example registered; each must pass, or fail as declared.
void run_model(const std::string& name);

}  // namespace header_examples
