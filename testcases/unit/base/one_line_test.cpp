// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/one_line.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace crosstrace {
namespace {

TEST(OneLineTest, IsTheFirstWithTextInIt) {
  EXPECT_EQ(one_line(std::runtime_error("why\nwhere")), "why");
  EXPECT_EQ(one_line(std::runtime_error("\n\n  why\nwhere")), "why");
  EXPECT_EQ(one_line(std::runtime_error("\n")), "");
}

TEST(OneLineTest, HasNoControlCharactersAndNoOtherEndsOfLines) {
  EXPECT_EQ(one_line(std::runtime_error("a\rb\x1b[1m\xff")),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD[1m\xEF\xBF\xBD");
  EXPECT_EQ(one_line(std::runtime_error("a\xC2\x85"
                                        "b\xE2\x80\xA8"
                                        "c\xC3\xA9")),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD"
            "c\xC3\xA9");
}

TEST(OneLineTest, HasNoStackFrames) {
  try {
    TORCH_CHECK(false, "why");
  } catch (const std::exception& error) {
    EXPECT_EQ(one_line(error), "why");
  }
}

}  // namespace
}  // namespace crosstrace
