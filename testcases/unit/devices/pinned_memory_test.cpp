// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/devices/discovery.h>
#include <gtest/gtest.h>

namespace crosstrace {
namespace {

class PinnedMemory : public ::testing::Test {
 protected:
  void SetUp() override { probe_devices({"cuda:0", "sim:0"}); }
};

TEST_F(PinnedMemory, IsThereBesideTheSimulatedDevice) {
  const at::Tensor plain = at::arange(6);
  const at::Tensor pinned = plain.pin_memory();
  EXPECT_FALSE(plain.is_pinned());
  EXPECT_TRUE(pinned.is_pinned());
  EXPECT_TRUE(pinned.slice(0, 2).is_pinned());
  EXPECT_TRUE(pinned.is_cpu());
  EXPECT_TRUE(pinned.equal(plain));
}

TEST_F(PinnedMemory, IsForgottenWhenItIsFreed) {
  const void* data = nullptr;
  {
    const at::Tensor pinned = at::ones({1024}).pin_memory();
    data = pinned.const_data_ptr();
  }
  if (probe_device("cuda:0").state == DeviceState::kAvailable)
    GTEST_SKIP() << "CUDA keeps pinned memory for later; hide it with CUDA_VISIBLE_DEVICES=";
  EXPECT_FALSE(at::globalContext().isPinnedPtr(data));
}

TEST_F(PinnedMemory, TakesCopiesThatDoNotBlock) {
  const at::Tensor there = at::arange(6, c10::Device("sim:0"));
  const at::Tensor back = there.to(c10::kCPU, there.scalar_type(), /*non_blocking=*/true);
  EXPECT_TRUE(back.equal(at::arange(6)));
  EXPECT_TRUE(back.pin_memory().to(c10::Device("sim:0"), back.scalar_type(), true).equal(there));
}

TEST_F(PinnedMemory, IsCudasWhereThereIsCuda) {
  if (probe_device("cuda:0").state != DeviceState::kAvailable) GTEST_SKIP() << "no CUDA here";
  const at::Tensor pinned = at::arange(1 << 16).pin_memory();
  EXPECT_TRUE(at::globalContext().isPinnedPtr(pinned.const_data_ptr(), c10::kCUDA));
  const at::Tensor there = pinned.to(c10::Device("cuda:0"), pinned.scalar_type(), true);
  EXPECT_TRUE(there.to(c10::kCPU, there.scalar_type(), true).is_pinned());
  EXPECT_TRUE(there.cpu().equal(pinned));
}

}  // namespace
}  // namespace crosstrace
