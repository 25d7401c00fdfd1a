// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The archive that a command is given.
#pragma once

#include <ATen/core/jit_type_base.h>

#include <string>
#include <vector>

namespace crosstrace {

/// Opens libraries that register custom operators (`--op-library`).
/// @throws UsageError naming the library and the loader's reason.
void load_op_libraries(const std::vector<std::string>& paths);

/// One argument of forward.
struct ForwardArgument {
  std::string name;
  c10::TypePtr type;
};

/// Loads the archive onto the CPU, once, to see that it can be read and called.
/// @returns the arguments of its forward, self left out.
/// @throws UsageError in one line: what is wrong with the file, or which operator is unknown and
/// how to load it.
std::vector<ForwardArgument> forward_arguments(const std::string& path);

}  // namespace crosstrace
