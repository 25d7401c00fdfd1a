// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include "network.h"

#include <gtest/gtest.h>

TEST(Network, HasThreeOutputs) {
  EXPECT_EQ(Network()(torch::ones({2, 4})).sizes(), (std::vector<int64_t>{2, 3}));
}
