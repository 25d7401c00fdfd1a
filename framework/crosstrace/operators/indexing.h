// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What CUDA refuses of `index(self, indices, out)` and `_index_put_impl_(self, indices, values,
/// accumulate)`: of the devices of their arguments, and of the values, which must lie in the host's
/// memory.
#pragma once

#include <ATen/core/ivalue.h>
#include <c10/util/ArrayRef.h>

namespace crosstrace {

void check_index_devices(c10::ArrayRef<c10::IValue> arguments);
void check_index_put_devices(c10::ArrayRef<c10::IValue> arguments);

void check_index_values(c10::ArrayRef<c10::IValue> arguments);
void check_index_put_values(c10::ArrayRef<c10::IValue> arguments);

}  // namespace crosstrace
