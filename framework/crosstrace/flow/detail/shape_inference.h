// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// How many dims the results of operators have: a CPU tensor without dims mixes where others do
/// not.
#pragma once

#include <crosstrace/flow/detail/abstract_value.h>
#include <crosstrace/operators/operator_info.h>

#include <vector>

namespace crosstrace::detail {

/// The number of dims of the first result, `AbstractValue::kUnknownRank` if it cannot be told.
/// @param arguments what is known of each argument in the signature.
int result_rank(const OperatorInfo& info, const std::vector<const AbstractValue*>& arguments);

/// Operators whose result is a broadcast of their tensors.
bool is_elementwise(const OperatorInfo& info);

}  // namespace crosstrace::detail
