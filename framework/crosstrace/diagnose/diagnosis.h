// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Why an export will not run everywhere, told from its graphs and attributes alone; nothing is
/// called.
///
///     const auto diagnosis = crosstrace::diagnose(crosstrace::Export("baked.pt").copy());
///     for (const crosstrace::Finding& finding : diagnosis.findings)
///       std::cout << finding.rule << ": " << finding.message << '\n';
///
/// prints
///
///     implicit-cpu: aten::arange names no device, so its tensor is on the CPU wherever the module
///     runs.
#pragma once

#include <crosstrace/diagnose/diagnose_options.h>
#include <crosstrace/diagnose/finding.h>
#include <crosstrace/diagnose/operator_use.h>
#include <crosstrace/models/cell_id.h>
#include <crosstrace/models/verdict.h>
#include <torch/csrc/jit/api/module.h>

#include <map>
#include <string>
#include <vector>

namespace crosstrace {

/// What rules alone say of a cell.
struct Prediction {
  enum class Answer { kMatches, kMayFail, kFails };
  Answer answer = Answer::kMatches;
  Verdict verdict = Verdict::kMatch;  ///< kMatch, kError or kWrongDevice.
  std::vector<std::string> causes;    ///< Ids of findings.

  /// The same by what they lead to, kError or kWrongDevice: what may happen first hides what will.
  std::map<Verdict, std::vector<std::string>> causes_by_verdict;

  /// Ids of findings about objects that nobody can look into: where the cell fails of devices
  /// though nothing else predicts it, one of these did not move.
  std::vector<std::string> suspects;
};

struct Diagnosis {
  std::vector<Finding> findings;       ///< By rule, then in the order of execution.
  std::vector<OperatorUse> operators;  ///< By name.

  /// Of forward, for each transfer and run device asked; empty if there is no forward.
  std::map<std::pair<Transfer, std::string>, Prediction> predictions;
};

/// Applies every rule. Costs time in proportion to the number of nodes; tensor data is never read,
/// and nothing runs on a device.
/// @param module is inlined in place: give a copy that was never called.
/// @param cells of which a prediction is wanted: (transfer, run device).
Diagnosis diagnose(torch::jit::Module module, const DiagnoseOptions& options = {},
                   const std::vector<std::pair<Transfer, std::string>>& cells = {});

}  // namespace crosstrace
