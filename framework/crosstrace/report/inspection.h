// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What every writer of `crosstrace inspect` is given.
///
///     const auto diagnosis = crosstrace::diagnose(crosstrace::Export("baked.pt").copy());
///     const auto inspection =
///         crosstrace::make_inspection("baked.pt", diagnosis.findings, diagnosis.operators);
///     std::cout << crosstrace::exit_code(inspection) << '\n';  // prints 1
#pragma once

#include <crosstrace/diagnose/finding.h>
#include <crosstrace/diagnose/operator_use.h>

#include <optional>
#include <string>
#include <vector>

namespace crosstrace {

struct Inspection {
  std::string tool_version;
  std::string libtorch_version;
  std::string archive;  ///< Its path, as it was typed.
  std::vector<Finding> findings = {};
  std::vector<OperatorUse> operators = {};
};

/// Adds the versions of CrossTrace and LibTorch.
Inspection make_inspection(std::string archive, std::vector<Finding> findings,
                           std::vector<OperatorUse> operators);

/// 1 if there is a finding of severity `fails_from` or above, else 0; without one, always 0.
int exit_code(const Inspection& inspection,
              std::optional<Severity> fails_from = Severity::kWarning) noexcept;

}  // namespace crosstrace
