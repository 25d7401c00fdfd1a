// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The order in which a command lets foreign code into its process.
#pragma once

#include <crosstrace/archive/archive.h>

#include <string>
#include <vector>

namespace crosstrace {

/// LibTorch's parts for accelerators, opened before any code that may ask for one: LibTorch keeps the
/// answer of its first look. Whoever loads such code takes this as an argument, so that it cannot
/// come too early.
class OpenedAccelerators {
 public:
  /// Opens CUDA's part where `devices` name CUDA and there is a driver, and where the archive needs
  /// it (cuda_need.h). Does not ask the driver: with `--isolate` only children may.
  OpenedAccelerators(const std::vector<std::string>& devices, const Archive& archive);
};

/// Opens libraries that register custom operators (`--op-library`). Those that were made for Python
/// name libtorch_python.so, which needs an interpreter: an empty library of that name stands in.
/// @throws UsageError naming the library and the loader's reason, or the part of LibTorch that it
/// needs and this LibTorch lacks.
void load_op_libraries(const OpenedAccelerators& opened, const std::vector<std::string>& paths);

}  // namespace crosstrace
