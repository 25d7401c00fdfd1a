// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/base/accelerator.h>
#include <gtest/gtest.h>

namespace crosstrace {
namespace {

/// Asked by LibTorch itself, in whose library `deviceCount` is. Meta devices count as one
/// (c10/core/impl/DeviceGuardImplInterface.h, NoOpDeviceGuardImpl).
TEST(AcceleratorScope, IsWhatLibTorchIsAnswered) {
  const auto before = at::accelerator::getAccelerator();
  {
    const AcceleratorScope scope(c10::kMeta);
    EXPECT_EQ(at::accelerator::getAccelerator(), c10::kMeta);
    EXPECT_EQ(at::accelerator::deviceCount(), 1);
    const AcceleratorScope inner(c10::kCUDA);
    EXPECT_EQ(at::accelerator::getAccelerator(), c10::kCUDA);
  }
  EXPECT_EQ(at::accelerator::getAccelerator(), before);
}

TEST(AcceleratorScope, LeavesItToOthersOnTheCpu) {
  const AcceleratorScope outer(c10::kMeta);
  const AcceleratorScope nothing(std::nullopt);
  const AcceleratorScope cpu(c10::kCPU);
  EXPECT_EQ(at::accelerator::getAccelerator(), c10::kMeta);
}

TEST(AcceleratorOf, IsThatOfTheFirstTensorThatIsNotOnTheCpu) {
  const at::Tensor meta = at::empty({2}, at::TensorOptions(c10::kMeta));
  EXPECT_EQ(accelerator_of({1, at::ones({2})}), std::nullopt);
  EXPECT_EQ(accelerator_of({at::ones({2}), std::vector<at::Tensor>{at::ones({2}), meta}}),
            c10::kMeta);
}

TEST(IsWrongAccelerator, KnowsTheAssertionOfTheEngine) {
  EXPECT_TRUE(is_wrong_accelerator(
      "opt_ready_stream && opt_parent_stream INTERNAL ASSERT FAILED at \"engine.cpp\":1084"));
  EXPECT_FALSE(is_wrong_accelerator("INTERNAL ASSERT FAILED"));
}

}  // namespace
}  // namespace crosstrace
