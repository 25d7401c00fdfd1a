// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <gmock/gmock.h>
#include <unit/temporary_file.h>

#include <filesystem>

#include "unit/cli/command.h"

namespace crosstrace {
namespace {

// The tests of this program see no GPU. One that is there is written in testcases/gpu.
TEST(Devices, WriteNoSpecWithoutAGpu) {
  const TemporaryFile spec("spec.json");
  const ProcessResult result = crosstrace("devices --ctest-spec '" + spec.path() + "' 2>&1");
  EXPECT_EQ(result.exit_code, 77) << result.output;
  EXPECT_THAT(result.output, ::testing::HasSubstr("crosstrace: " + spec.path() +
                                                  " is not written, for cuda:0 is absent: "));
  EXPECT_FALSE(std::filesystem::exists(spec.path()));
}

TEST(Devices, SpecNeedsAFile) {
  expect_usage_error("devices --ctest-spec",
                     "--ctest-spec: 1 required FILE missing; see crosstrace --help");
}

}  // namespace
}  // namespace crosstrace
