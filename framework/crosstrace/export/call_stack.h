// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Which lines of C++ source a call came through.
///
///     const crosstrace::CallStack stack = crosstrace::call_stack(__builtin_frame_address(0));
///     for (const crosstrace::Frame& frame : crosstrace::author_frames(stack))
///       std::cout << frame.function << '\n';
#pragma once

#include <crosstrace/export/frame.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace crosstrace {

/// Return addresses, innermost first.
using CallStack = std::vector<std::uintptr_t>;

/// The calls between this one and `outermost`, at most 64: what `__builtin_frame_address(0)` said
/// in a function further out. Takes about 0.5 us a frame.
CallStack call_stack(const void* outermost);

/// The frames of a stack that belong to whoever wrote the model, innermost first: none of LibTorch,
/// the standard library, GoogleTest or CrossTrace. Reads debug information (libdw) of the objects
/// that are loaded now, and remembers each address. Without debug information a frame has its
/// function alone, and without a symbol there is no frame. Thread-safe.
std::vector<Frame> author_frames(const CallStack& stack);

/// The innermost frame of all that has a function's name; calls inside the C and C++ libraries and of
/// the loader are left out. Nothing if there is none. Thread-safe.
std::optional<Frame> innermost_function(const CallStack& stack);

/// Whether a source file belongs to LibTorch, the standard library, GoogleTest or CrossTrace
/// itself, Python's torch among them.
bool is_library_file(const std::string& file);

}  // namespace crosstrace
