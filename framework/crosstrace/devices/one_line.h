// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What an exception says, in one line.
///
///     catch (const std::exception& error) { std::cerr << crosstrace::one_line(error) << '\n'; }
#pragma once

#include <exception>
#include <string>

namespace crosstrace {

/// The first line of what() with text in it, without the stack frames that LibTorch puts into it.
std::string one_line(const std::exception& error);

}  // namespace crosstrace
