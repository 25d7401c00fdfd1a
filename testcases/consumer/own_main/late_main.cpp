// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ops/randn.h>
#include <crosstrace/models/register.h>
#include <crosstrace/models/registry.h>
#include <gtest/gtest.h>

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  crosstrace::ModelBuilder late("Late", {__FILE__, __LINE__});
  late.function([](at::Tensor x) { return x.mul(2); }).inputs([] { return at::randn({2, 3}); });
  crosstrace::Registry::instance().add(late.build());
  return RUN_ALL_TESTS();
}
