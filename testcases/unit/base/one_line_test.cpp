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

TEST(OneLineTest, HasNoStackFrames) {
  try {
    TORCH_CHECK(false, "why");
  } catch (const std::exception& error) {
    EXPECT_EQ(one_line(error), "why");
  }
}

}  // namespace
}  // namespace crosstrace
