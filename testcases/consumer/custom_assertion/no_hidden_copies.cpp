// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// Answers may be right although an operator left the device and came back: nothing but the time tells.

#include <crosstrace/gtest/assertion.h>

CROSSTRACE_ASSERTION(NoHiddenCopies) {
  for (const crosstrace::CopyPlacement& copy : cell.result().placement.stray_copies()) {
    ADD_FAILURE() << copy.calls << " copies from " << copy.from << " to " << copy.to;
  }
  EXPECT_THAT(cell, crosstrace::StaysOnDevice());
}
