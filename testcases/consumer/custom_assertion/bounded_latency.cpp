// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// A call on another device may take longer than on the CPU, but within bounds. The simulated device does
// everything in host memory: what is slow there is slow because of what the export does.

#include <crosstrace/gtest/assertion.h>

namespace {

constexpr double kTimes = 20;
constexpr double kNoiseMs = 5;  // Of a machine that has more to do.

}  // namespace

CROSSTRACE_ASSERTION(BoundedLatency, run_on("sim") || run_on("cuda")) {
  const double here = cell.latency_ms();
  const double on_the_cpu = cell.latency_ms_on("cpu");
  EXPECT_LE(here, kTimes * on_the_cpu + kNoiseMs) << "milliseconds, on the CPU " << on_the_cpu;
}
