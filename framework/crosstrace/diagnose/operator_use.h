// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// One entry of an export's inventory of operators.
///
///     const auto diagnosis = crosstrace::diagnose(crosstrace::Export("baked.pt").copy());
///     for (const crosstrace::OperatorUse& use : diagnosis.operators)
///       std::cout << use.count << " x " << use.name << '\n';
///
/// prints
///
///     1 x aten::add.Tensor
///     1 x aten::arange
///     1 x aten::mul.Tensor
#pragma once

#include <map>
#include <string>

namespace crosstrace {

/// One operator of the graphs, and whether a device type has a kernel for it.
struct OperatorUse {
  std::string name;  ///< With overload: `aten::add.Tensor`.
  int count = 0;     ///< Calls in the graphs, all inlined; not how often they run.
  std::map<std::string, bool> kernels;  ///< By target: `cpu`, `cuda`.
};

}  // namespace crosstrace
