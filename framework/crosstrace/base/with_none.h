// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// How C++ says None.
///
///     const auto answer = c10::ivalue::Tuple::create({at::ones({2}), at::Tensor()});
///     const c10::IValue told = crosstrace::with_none(answer);
///     std::cout << told.toTupleRef().elements()[1].isNone() << '\n';  // prints 1
#pragma once

#include <ATen/core/ivalue.h>

namespace crosstrace {

/// With None for each undefined tensor, in tuples as well; the value itself if there is none.
/// LibTorch can neither copy an undefined tensor (IValue::deepcopy) nor tell the type of a tuple that
/// holds one. Lists and dicts of tensors cannot hold None, so they stay.
c10::IValue with_none(const c10::IValue& value);

}  // namespace crosstrace
