// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The archive that a command is given.
#pragma once

#include <ATen/core/jit_type_base.h>

#include <functional>
#include <string>
#include <vector>

namespace crosstrace {

/// Opens libraries that register custom operators (`--op-library`).
/// @throws UsageError naming the library and the loader's reason.
void load_op_libraries(const std::vector<std::string>& paths);

/// Runs `read`, which loads the archive at `path`, once the file looks like one.
/// @throws UsageError in one line: what is wrong with the file, or which operator is unknown and
/// how to load it.
void read_archive(const std::string& path, const std::function<void()>& read);

/// One argument of forward.
struct ForwardArgument {
  std::string name;
  c10::TypePtr type;
};

/// Loads the archive onto the CPU, once, to see that it can be read and called.
/// @returns the arguments of its forward, self left out.
/// @throws UsageError as `read_archive` does, or if there is no forward.
std::vector<ForwardArgument> forward_arguments(const std::string& path);

}  // namespace crosstrace
