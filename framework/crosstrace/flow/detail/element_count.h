// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Whether the results of operators have elements, and whether one alone: a tensor of one element
/// that is squeezed has no dims, and mixes where others do not.
#pragma once

#include <crosstrace/flow/detail/abstract_value.h>
#include <crosstrace/operators/operator_info.h>

#include <vector>

namespace crosstrace::detail {

/// Whether the first result has elements.
/// @param arguments what is known of each argument in the signature.
Extent result_extent(const OperatorInfo& info, const std::vector<const AbstractValue*>& arguments);

/// Whether all sizes of the first result are 1; false if that cannot be told.
bool result_is_single(const OperatorInfo& info, const std::vector<const AbstractValue*>& arguments);

}  // namespace crosstrace::detail
