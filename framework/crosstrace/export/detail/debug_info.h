// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What debug information and symbol tables say of an address. Used by `call_stack.cpp`.
#pragma once

#include <crosstrace/export/frame.h>

#include <cstdint>
#include <string>
#include <vector>

namespace crosstrace::detail {

/// The function that `return_address` returns into, inlined calls first: innermost, then what it
/// was inlined into. Of an object without debug information one frame without a file, if a symbol
/// names it. Built without libdw, exported symbols are all that is seen. Not thread-safe.
std::vector<Frame> frames_of(std::uintptr_t return_address);

/// A symbol as people write it, without its parameters and return type:
/// `_ZN3Net7forwardEN2at6TensorE` is `Net::forward`. What is no C++ symbol is returned as it is.
std::string readable_name(const std::string& symbol);

}  // namespace crosstrace::detail
