// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/devices/declared.h>
#include <gmock/gmock.h>

#include <cstdlib>

namespace crosstrace {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::ThrowsMessage;

class DeclaredDevices : public ::testing::Test {
 protected:
  void TearDown() override {
    for (const char* name :
         {"CROSSTRACE_DEVICES", "CROSSTRACE_REQUIRE_DEVICES", "CUDA_VISIBLE_DEVICES"})
      unsetenv(name);
  }
};

TEST_F(DeclaredDevices, NamesCudaOnEveryMachine) {
  EXPECT_THAT(declared_devices(), Contains("cuda:0"));
}

TEST_F(DeclaredDevices, TakesTheFirstTwoCudaDevicesByDefault) {
  EXPECT_THAT(default_devices(1), ElementsAre("cpu", "cuda:0", "sim:0", "sim:1"));
  EXPECT_THAT(default_devices(8), ElementsAre("cpu", "cuda:0", "cuda:1", "sim:0", "sim:1"));
}

TEST_F(DeclaredDevices, KeepsTheOrderOfTheVariable) {
  setenv("CROSSTRACE_DEVICES", "sim:1, cpu", 1);
  EXPECT_THAT(declared_devices(), ElementsAre("sim:1", "cpu"));
}

TEST_F(DeclaredDevices, ExpandsTypesAndDropsRepetitions) {
  EXPECT_THAT(parse_device_list("sim,cpu,sim:0", "--devices"),
              ElementsAre("sim:0", "sim:1", "cpu"));
}

TEST_F(DeclaredDevices, TakesOtherDevicesThatLibTorchKnows) {
  EXPECT_THAT(parse_device_list("mps,xpu:1", "--devices"), ElementsAre("mps", "xpu:1"));
}

TEST_F(DeclaredDevices, RefusesAnUnknownDevice) {
  EXPECT_THAT(
      [] { parse_device_list("cpu,gpu", "CROSSTRACE_DEVICES"); },
      ThrowsMessage<std::invalid_argument>("CROSSTRACE_DEVICES: 'gpu' is not a device; known are "
                                           "cpu, cuda, cuda:N, sim, sim:0, sim:1, or a device "
                                           "that LibTorch knows, such as mps"));
}

TEST_F(DeclaredDevices, RefusesAThirdSimulatedDeviceAndMeta) {
  EXPECT_THROW(parse_device_list("sim:2", "--devices"), std::invalid_argument);
  EXPECT_THROW(parse_device_list("meta", "--devices"), std::invalid_argument);
}

TEST_F(DeclaredDevices, RefusesAnEmptyList) {
  EXPECT_THROW(parse_device_list("", "--devices"), std::invalid_argument);
  EXPECT_THROW(parse_device_list("cpu,,sim", "--devices"), std::invalid_argument);
}

TEST_F(DeclaredDevices, RequiresNothingByDefault) {
  EXPECT_THAT(required_devices({"cpu"}), IsEmpty());
}

TEST_F(DeclaredDevices, RequiresTypesAndSingleDevices) {
  setenv("CROSSTRACE_REQUIRE_DEVICES", "cuda,sim:1", 1);
  const auto required = required_devices({"cpu", "cuda:0", "sim:1"});
  EXPECT_TRUE(is_required("cuda:3", required));
  EXPECT_TRUE(is_required("sim:1", required));
  EXPECT_FALSE(is_required("sim:0", required));
}

TEST_F(DeclaredDevices, RefusesARequirementThatNoDeviceOfTheMatrixCanMeet) {
  EXPECT_THAT(
      [] {
        parse_required("cpu, cuda", "--require", {"cpu", "sim:0"});
      },
      ThrowsMessage<std::invalid_argument>(
          "--require: 'cuda' is required, but it is not a device of this matrix; add it "
          "with CROSSTRACE_DEVICES or --devices"));
}

TEST_F(DeclaredDevices, RefusesToRequireAnUnknownDevice) {
  setenv("CROSSTRACE_REQUIRE_DEVICES", "cude", 1);
  EXPECT_THROW(required_devices({"cpu"}), std::invalid_argument);
}

}  // namespace
}  // namespace crosstrace
