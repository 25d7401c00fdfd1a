// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/devices/discovery.h>
#include <crosstrace/devices/stand_in.h>
#include <gmock/gmock.h>

namespace crosstrace {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(StandIns, AreForCudaDevicesThatAreAbsent) {
  EXPECT_THAT(find_stand_ins({"cpu", "sim:0", "xpu:0"}), IsEmpty());
  if (probe_device("cuda:0").state != DeviceState::kAbsent) GTEST_SKIP() << "cuda:0 is not absent";
  EXPECT_THAT(find_stand_ins({"cuda"}), ElementsAre(Pair("cuda:0", "sim:0")));
  EXPECT_THAT(find_stand_ins({"cuda:1", "cpu", "cuda:0"}),
              ElementsAre(Pair("cuda:0", "sim:0"), Pair("cuda:1", "sim:1")));
}

TEST(StandIns, AreTwo) { EXPECT_THAT(find_stand_ins({"cuda:2", "cuda:10"}), IsEmpty()); }

TEST(StandIns, AreSaid) {
  const StandIns both = {{"cuda:0", "sim:0"}, {"cuda:1", "sim:1"}};
  EXPECT_EQ(describe_stand_ins(both), "cuda:0, sim:0 standing in; cuda:1, sim:1 standing in");
  EXPECT_EQ(describe_stand_ins({}), "");
  EXPECT_EQ(device_here("cuda:1", both), "sim:1");
  EXPECT_EQ(device_here("cpu", both), "cpu");
}

}  // namespace
}  // namespace crosstrace
