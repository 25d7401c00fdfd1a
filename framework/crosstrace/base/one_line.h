// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// One line of what may have many.
///
///     catch (const std::exception& error) { std::cerr << crosstrace::one_line(error) << '\n'; }
#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace crosstrace {

/// The first line of what() with text in it, without the stack frames that LibTorch puts into it,
/// and printable: LibTorch quotes bytes of damaged files.
std::string one_line(const std::exception& error);

/// `text` up to its first line break.
std::string first_line(std::string_view text);

}  // namespace crosstrace
