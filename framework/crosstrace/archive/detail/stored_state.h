// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The attributes of an object whose class has a `__setstate__`. For use inside archive/ only.
#pragma once

#include <ATen/core/ivalue.h>

namespace crosstrace::detail {

/// Fills the attributes with what `__setstate__` would: followed here are assignments, calls of
/// other methods in TorchScript, and what takes tuples, lists and dicts apart or puts them together.
/// No operator runs. An attribute that some operator computes becomes an empty one of its type: a
/// tensor of no elements on the CPU, 0, an empty text. An object of a class in C++ stays empty.
void restore_state(const c10::intrusive_ptr<c10::ivalue::Object>& object, c10::IValue state);

}  // namespace crosstrace::detail
