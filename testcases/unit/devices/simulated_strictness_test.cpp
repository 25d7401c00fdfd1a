// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// What the simulated device takes and what it refuses, operator by operator, with the exact words.

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <crosstrace/devices/simulated/simulated_device.h>
#include <cuda_rules/expressions.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unit/devices/simulated_strictness_cases.h>

namespace crosstrace {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string error_of(const char* expression) {
  const auto unit =
      cuda_rules::compile(c10::str("    return ", expression), strict_argument_names());
  torch::jit::Stack arguments = strict_arguments(c10::Device("sim:0"), c10::Device("sim:1"));
  try {
    unit->get_function("f")(arguments);
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

TEST(SimulatedStrictness, AcceptsAndRefusesWhatCudaDoes) {
  ASSERT_EQ(install_simulated_device(), "");
  const c10::NoGradGuard no_grad;
  for (const StrictCase& each : kStrictCases) {
    SCOPED_TRACE(each.expression);
    const std::string error = error_of(each.expression);
    if (each.refusal == nullptr) {
      EXPECT_EQ(error, "");
    } else {
      EXPECT_NE(error, "") << "was accepted";
      EXPECT_THAT(error, HasSubstr(each.refusal));
    }
    EXPECT_THAT(error, testing::Not(HasSubstr("cuda:"))) << "must not claim to be CUDA";
  }
}

TEST(SimulatedStrictness, RefusesAGeneratorOfAnotherDevice) {
  ASSERT_EQ(install_simulated_device(), "");
  const at::Tensor tensor = at::zeros({2}, c10::Device("sim:0"));
  try {
    tensor.normal_(0, 1, at::detail::createCPUGenerator());
    FAIL() << "was accepted";
  } catch (const c10::Error& error) {
    EXPECT_THAT(error.what_without_backtrace(),
                StartsWith("Expected a 'sim' device type for generator but found 'cpu'"));
  }
}

}  // namespace
}  // namespace crosstrace
