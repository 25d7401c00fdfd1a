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
  std::string file;
  int line = 0;

  std::string str() const { return file + ":" + std::to_string(line); }
};

}  // namespace crosstrace
