// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/matrix/availability.h>
#include <gmock/gmock.h>

namespace crosstrace {
namespace {

DeviceInfo gpu(DeviceState state) { return {"cuda:0", state, "the reason"}; }

TEST(Availability, HasNothingToSayOfADeviceThatIsThere) {
  EXPECT_FALSE(why_not_usable(gpu(DeviceState::kAvailable), {"cuda"}).has_value());
}

TEST(Availability, SkipsWhatIsAbsentOrLost) {
  const auto absent = why_not_usable(gpu(DeviceState::kAbsent), {});
  ASSERT_TRUE(absent.has_value());
  EXPECT_EQ(absent->verdict, Verdict::kSkipped);
  EXPECT_EQ(absent->message, "cuda:0 is absent: the reason");
  const auto lost = why_not_usable(gpu(DeviceState::kLost), {"sim"});
  ASSERT_TRUE(lost.has_value());
  EXPECT_EQ(lost->verdict, Verdict::kSkipped);
  EXPECT_EQ(lost->message, "cuda:0 is lost: the reason");
}

TEST(Availability, FailsWhatIsRequiredAndAbsentOrLost) {
  const auto absent = why_not_usable(gpu(DeviceState::kAbsent), {"cuda"});
  ASSERT_TRUE(absent.has_value());
  EXPECT_EQ(absent->verdict, Verdict::kError);
  EXPECT_EQ(absent->message, "required, but cuda:0 is absent: the reason");
  const auto lost = why_not_usable(gpu(DeviceState::kLost), {"cuda:0"});
  ASSERT_TRUE(lost.has_value());
  EXPECT_EQ(lost->verdict, Verdict::kError);
  EXPECT_EQ(lost->message, "required, but cuda:0 is lost: the reason");
}

TEST(Availability, FailsWhatIsBrokenInAnyCase) {
  const auto broken = why_not_usable(gpu(DeviceState::kBroken), {});
  ASSERT_TRUE(broken.has_value());
  EXPECT_EQ(broken->verdict, Verdict::kError);
  EXPECT_EQ(broken->message, "cuda:0 is broken: the reason");
}

}  // namespace
}  // namespace crosstrace
