// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// An inspection that found something of every severity.
#pragma once

#include <crosstrace/report/inspection.h>
#include <crosstrace/report/sarif.h>
#include <unit/report/sample_report.h>

namespace crosstrace::test {

inline Inspection sample_inspection() {
  Inspection inspection{"0.1.0", "2.15.0", "models/my model.pt"};
  inspection.findings = sample_findings();
  inspection.operators = {{"aten::add.Tensor", 12, {{"cpu", true}, {"cuda", true}}},
                          {"aten::histc", 1, {{"cpu", true}, {"cuda", false}}},
                          {"my::op", 2, {{"cpu", true}, {"cuda", false}}}};
  return inspection;
}

inline std::vector<RuleDescription> sample_rules() {
  return {{"device-literal", "A factory carries a device.", "Its tensor never moves."},
          {"tensor-constant", "A tensor in the graph.", "`to` leaves it behind."},
          {"stranded-attribute", "A tensor attribute.", "Register it as a buffer."},
          {"random", "Draws random numbers.", "Seed before you compare."}};
}

}  // namespace crosstrace::test
