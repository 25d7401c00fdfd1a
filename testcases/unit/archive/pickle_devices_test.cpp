// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/archive/detail/pickle_devices.h>
#include <gmock/gmock.h>

#include <stdexcept>

namespace crosstrace {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::ThrowsMessage;

std::string text(const std::string& value) {
  return std::string("X") + static_cast<char>(value.size()) + std::string(3, '\0') + value;
}

std::string put(char entry) { return std::string("q") + entry; }
std::string get(char entry) { return std::string("h") + entry; }

/// ('storage', '0', <location>, 4) as a persistent id.
std::string storage(const std::string& location) {
  return "(" + text("storage") + text("0") + location + "K\x04tQ";
}

std::string device(const std::string& name) { return "ctorch\ndevice\n" + name + "\x85R"; }

std::string pickle(const std::string& values) { return "\x80\x02(" + values + "t."; }

TEST(PickleDevices, AreThoseOfStoragesAndOfDeviceValues) {
  const auto found = detail::devices_in_pickle(
      pickle(storage(text("cuda:1")) + device(text("cuda:0")) + text("cuda:2")));
  EXPECT_THAT(found.storages, ElementsAre("cuda:1"));
  EXPECT_THAT(found.values, ElementsAre("cuda:0"));
}

TEST(PickleDevices, AreFoundThroughTheMemo) {
  const std::string values = "ctorch\ndevice\n" + put(1) + text("cpu") + put(2) + "\x85R" + put(3) +
                             text("cuda:0") + put(4) + get(1) + get(4) + "\x85R" + storage(get(4));
  const auto found = detail::devices_in_pickle(pickle(values));
  EXPECT_THAT(found.storages, ElementsAre("cuda:0"));
  EXPECT_THAT(found.values, ElementsAre("cpu", "cuda:0"));
}

// A class of another name may take a text that looks like a device.
TEST(PickleDevices, AreNoArgumentsOfOtherClasses) {
  EXPECT_THAT(
      detail::devices_in_pickle(pickle("c__torch__\nM\n" + text("cuda:0") + "\x85R")).values,
      IsEmpty());
}

TEST(PickleDevices, GetOtherNamesWhereTheyAreDevicesAndNowhereElse) {
  const std::string before =
      text("cuda:0") + put(1) + storage(get(1)) + device(get(1)) + get(1) + storage(text("cpu"));
  const std::string after = text("cuda:0") + put(1) + storage(text("sim:0")) +
                            device(text("sim:0")) + text("cuda:0") + storage(text("cpu"));
  EXPECT_EQ(detail::rename_devices(pickle(before), {{"cuda:0", "sim:0"}}), pickle(after));
}

TEST(PickleDevices, GetOtherNamesWhereTheirTextIsFirstADevice) {
  const std::string before = storage(text("cuda:0") + put(1)) + get(1) + storage(get(1));
  const std::string after =
      storage(text("sim:0") + put(1)) + text("cuda:0") + storage(text("sim:0"));
  EXPECT_EQ(detail::rename_devices(pickle(before), {{"cuda:0", "sim:0"}}), pickle(after));
}

TEST(PickleDevices, LeaveAPickleAloneThatNamesNone) {
  const std::string same = pickle(storage(text("cpu") + put(1)) + storage(get(1)) + "K\x07");
  EXPECT_EQ(detail::rename_devices(same, {{"cuda:0", "sim:0"}}), same);
}

TEST(PickleDevices, RefuseABrokenPickle) {
  EXPECT_THAT([] { detail::rename_devices("\x80\x02X", {}); },
              ThrowsMessage<std::runtime_error>("it is cut short at byte 3"));
}

}  // namespace
}  // namespace crosstrace
