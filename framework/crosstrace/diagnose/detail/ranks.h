// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// How many dims the results of operators have: a CPU tensor without dims mixes where others do
/// not.
#pragma once

#include <crosstrace/diagnose/detail/fact.h>
#include <crosstrace/diagnose/detail/operator_info.h>

#include <vector>

namespace crosstrace::detail {

/// The number of dims of the first result, `Fact::kUnknownRank` if it cannot be told.
/// @param arguments what is known of each argument in the signature.
int result_rank(const OperatorInfo& info, const std::vector<const Fact*>& arguments);

/// Whether the first result has elements.
Extent result_extent(const OperatorInfo& info, const std::vector<const Fact*>& arguments);

}  // namespace crosstrace::detail
