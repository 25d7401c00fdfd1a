// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// One function on a call stack.
///
///     crosstrace::Frame frame{"Net::forward", "net.cpp", 14};
#pragma once

#include <string>

namespace crosstrace {

/// One function on a call stack. Calls that the compiler inlined have frames of their own.
struct Frame {
  std::string function;  ///< Qualified, without parameters: `Net::forward`; empty if not known.
  std::string file;      ///< As the compiler was given it; empty without debug info.
  int line = 0;          ///< 0 without debug info.
};

}  // namespace crosstrace
