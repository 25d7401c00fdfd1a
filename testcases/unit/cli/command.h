// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The command, run as its users run it.
#pragma once

#include <gtest/gtest.h>
#include <unit/process.h>

#include <string>

namespace crosstrace {

/// What the tests themselves may have been given must not reach the command.
inline ProcessResult crosstrace(const std::string& arguments) {
  return run_process(
      "unset CROSSTRACE_DEVICES CROSSTRACE_REQUIRE_DEVICES; '" CROSSTRACE_COMMAND "' " + arguments);
}

/// One line on standard error, nothing on standard output, exit 2.
inline void expect_usage_error(const std::string& arguments, const std::string& line) {
  const ProcessResult result = crosstrace(arguments + " 2>&1");
  EXPECT_EQ(result.exit_code, 2) << result.output;
  EXPECT_EQ(result.output, "crosstrace: " + line + "\n");
}

}  // namespace crosstrace
