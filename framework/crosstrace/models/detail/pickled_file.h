// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Values that Python or C++ saved. For use inside models/ only.
#pragma once

#include <ATen/core/ivalue.h>

#include <string>
#include <vector>

namespace crosstrace::detail {

/// Reads what torch.save (of tensors, numbers, texts, lists, tuples and dicts of them) or
/// torch::pickle_save wrote, with all tensors on the CPU, wherever they were. Lists and dicts get
/// the types that TorchScript would ask for: a Python list of tensors is a List[Tensor].
/// @throws std::invalid_argument in one line: `cannot read x.pt: why`.
c10::IValue load_pickled(const std::string& path);

/// A type that holds values of all `types`: None with T is Optional[T]. Null if there is none.
c10::TypePtr common_type(const std::vector<c10::TypePtr>& types);

/// `value` with the lists, dicts and tuples in it typed as `wanted` says, wherever that is a type for
/// what they hold; of empty ones any is.
c10::IValue with_type(const c10::IValue& value, const c10::TypePtr& wanted);

/// What TorchScript would declare for a value: Tensor whatever its shape, containers by what is in
/// them.
c10::TypePtr declared_type(const c10::IValue& value);

}  // namespace crosstrace::detail
