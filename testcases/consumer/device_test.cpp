// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// What may tie an export to a device, forbidden in every cell.

#include <crosstrace/gtest/portability_test.h>

class FreeOfDevices : public crosstrace::PortabilityTest {};

TEST_P(FreeOfDevices, InGraphAndInFact) {
  EXPECT_NO_BAKED_DEVICES(cell().module());
  EXPECT_STAYS_ON_DEVICE(cell());
}
CROSSTRACE_INSTANTIATE(FreeOfDevices);
