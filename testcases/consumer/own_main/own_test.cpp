// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <gtest/gtest.h>

TEST(Mine, Works) { EXPECT_EQ(1, 1); }
