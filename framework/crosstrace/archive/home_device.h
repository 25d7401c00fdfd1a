// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Where an archive was made.
///
///     std::string home = crosstrace::archive_trace_device("model.pt");  // cpu, cuda:0, unknown
#pragma once

#include <string>
#include <vector>

namespace caffe2::serialize {
class PyTorchStreamReader;
}
namespace torch::jit {
struct Module;
}

namespace crosstrace {

/// The device that the device literals in the archive's graphs name if they name one, else the one
/// that all its tensors were saved on; `unknown` if neither says so or the file cannot be read.
/// Reads the archive once a path, without its weights.
std::string archive_trace_device(const std::string& path);

/// The same of a module and the devices that its tensors were saved on.
std::string trace_device(const torch::jit::Module& module,
                         const std::vector<std::string>& storage_locations);

/// The devices that an archive's tensors were saved on, constants included, sorted.
std::vector<std::string> storage_locations(caffe2::serialize::PyTorchStreamReader& archive);

/// The same of one pickle of an archive.
std::vector<std::string> storage_locations(const std::string& pickle);

}  // namespace crosstrace
