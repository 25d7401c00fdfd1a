// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Where the parts of LibTorch lie that a process may load late.
///
///     std::filesystem::path cuda = crosstrace::libtorch_folder() / "libtorch_cuda.so";
#pragma once

#include <filesystem>

namespace crosstrace {

/// The folder of the libtorch_cpu.so that this process runs on: other parts must be of the same
/// build.
std::filesystem::path libtorch_folder();

}  // namespace crosstrace
