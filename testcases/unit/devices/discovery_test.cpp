// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/devices/cuda_loader.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/devices/lost_devices.h>
#include <gmock/gmock.h>

namespace crosstrace {
namespace {

TEST(Discovery, FindsTheCpuAndTheSimulatedPair) {
  const auto infos = probe_devices({"cpu", "sim:0", "sim:1"});
  ASSERT_EQ(infos.size(), 3U);
  for (const DeviceInfo& info : infos)
    EXPECT_EQ(info.state, DeviceState::kAvailable) << info.name << ": " << info.reason;
  EXPECT_FALSE(infos[0].simulated);
  EXPECT_TRUE(infos[1].simulated);
}

TEST(Discovery, SaysWhyCudaIsAbsent) {
  const DeviceInfo info = probe_device("cuda:0");
  if (load_cuda().loaded)
    GTEST_SKIP() << "this machine has CUDA; hide it with CUDA_VISIBLE_DEVICES= to run this test";
  // A driver that stands in for one has devices, and the runtime refuses it.
  EXPECT_TRUE(info.state == DeviceState::kAbsent || info.state == DeviceState::kBroken);
  EXPECT_THAT(info.reason,
              ::testing::AnyOf("no NVIDIA driver (libcuda.so.1 not found)",
                               ::testing::StartsWith("the CUDA runtime of this LibTorch refuses"),
                               ::testing::StartsWith("the NVIDIA driver shows no"),
                               ::testing::HasSubstr("hides what the NVIDIA driver has"),
                               ::testing::StartsWith("this LibTorch has no CUDA part")));
}

TEST(Discovery, SaysWhyAnotherDeviceIsAbsent) {
  const DeviceInfo info = probe_device("xpu:0");
  EXPECT_EQ(info.state, DeviceState::kAbsent);
  EXPECT_EQ(info.reason,
            "this LibTorch has no part for xpu (no libtorch_xpu.so beside libtorch_cpu.so)");
}

TEST(Discovery, SaysWhyADeviceThatLibTorchWasNotBuiltForIsAbsent) {
  const DeviceInfo info = probe_device("mtia:0");
  EXPECT_EQ(info.state, DeviceState::kAbsent);
  EXPECT_EQ(info.reason, "this LibTorch has no part for mtia");
}

TEST(Discovery, LosesNothingThatIsWell) {
  probe_devices({"cpu", "sim:0", "sim:1"});
  EXPECT_THAT(settle_devices("a test"), ::testing::IsEmpty());
  EXPECT_FALSE(is_lost(c10::Device("sim:0")));
  EXPECT_FALSE(is_lost(c10::Device("cpu")));
}

TEST(Discovery, NamesEveryState) {
  EXPECT_EQ(to_string(DeviceState::kAvailable), "available");
  EXPECT_EQ(to_string(DeviceState::kAbsent), "absent");
  EXPECT_EQ(to_string(DeviceState::kBroken), "broken");
  EXPECT_EQ(to_string(DeviceState::kLost), "lost");
}

}  // namespace
}  // namespace crosstrace
