// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/archive/cuda_need.h>
#include <crosstrace/cli/code_loading.h>
#include <crosstrace/cli/empty_library.h>
#include <crosstrace/cli/usage_error.h>
#include <crosstrace/devices/cuda_loader.h>
#include <crosstrace/devices/declared.h>
#include <crosstrace/devices/libtorch_folder.h>
#include <dlfcn.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace crosstrace {
namespace {

bool opens(const std::filesystem::path& library) {
  return dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL) != nullptr;
}

/// The parts of LibTorch that libraries made for Python name, in the order in which they need each
/// other. libtorch.so holds nothing but the names of the others.
constexpr const char* kParts[] = {"libtorch_cuda.so", "libtorch.so"};
constexpr const char* kPython = "libtorch_python.so";

/// The loader says of a library that it did not find: `libtorch_cuda.so: cannot open shared ...`.
bool is_missing(const std::string& error, const std::string& library) {
  return error.find(library + ": cannot open shared object file") != std::string::npos;
}

/// @returns true if something was opened that the loader did not find.
bool open_missing_part(const std::string& error) {
  if (is_missing(error, kPython)) return open_empty_library(kPython);
  for (const char* part : kParts) {
    if (is_missing(error, part)) return opens(libtorch_folder() / part);
  }
  return false;
}

std::string explain(const std::string& error) {
  for (const char* part : kParts) {
    if (!is_missing(error, part)) continue;
    return "it needs " + std::string(part) + ", and the LibTorch of this program (" +
           libtorch_folder().string() + ") has none that opens; build CrossTrace against the " +
           "LibTorch that the library was made for, such as pip's torch";
  }
  return error;
}

/// Each try may name one library more that is missing.
void load_op_library(const std::string& path) {
  std::string error;
  for (std::size_t tries = 0; tries <= std::size(kParts) + 1; ++tries) {
    if (opens(path)) return;
    error = dlerror();
    if (!open_missing_part(error)) break;
  }
  throw UsageError("--op-library " + path + ": " + explain(error));
}

}  // namespace

OpenedAccelerators::OpenedAccelerators(const std::vector<std::string>& devices,
                                       const Archive& archive) {
  const bool wants_cuda = std::any_of(devices.begin(), devices.end(),
                                      [](const auto& name) { return device_type(name) == "cuda"; });
  if (wants_cuda && has_cuda_driver()) (void)open_cuda_part();
  try {
    open_cuda_for_archive(archive.file());
  } catch (const std::runtime_error&) {  // require_readable says what is wrong with it.
  }
}

void load_op_libraries(const OpenedAccelerators&, const std::vector<std::string>& paths) {
  for (const std::string& path : paths) load_op_library(path);
}

}  // namespace crosstrace
