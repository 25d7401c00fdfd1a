// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Which operators an export calls, and which devices can run them.
///
///     for (const auto& use : crosstrace::operator_inventory(program, {"cpu", "cuda"}))
///       if (!use.kernels.at("cuda")) std::cout << use.name << '\n';
#pragma once

#include <crosstrace/diagnose/operator_use.h>
#include <crosstrace/graph/program.h>

#include <string>
#include <vector>

namespace crosstrace {

/// The operators of all methods that no other method calls, by name with overload.
/// @param targets types of devices.
std::vector<OperatorUse> operator_inventory(const Program& program,
                                            const std::vector<std::string>& targets);

}  // namespace crosstrace
