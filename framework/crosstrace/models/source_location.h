// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// A line of a source file.
///
///     std::cout << crosstrace::SourceLocation{"model.cpp", 14}.str();  // prints model.cpp:14
#pragma once

#include <string>

namespace crosstrace {

struct SourceLocation {
  std::string file;  ///< As the compiler or the archive names it.
  int line = 0;      ///< From 1; 0 where a file is all that is known.

  std::string str() const { return file + ":" + std::to_string(line); }
};

}  // namespace crosstrace
