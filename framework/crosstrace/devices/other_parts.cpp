// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/devices/libtorch_folder.h>
#include <crosstrace/devices/other_parts.h>
#include <dlfcn.h>

namespace crosstrace {
namespace {

std::string open_xpu() {
  const std::filesystem::path library = libtorch_folder() / "libtorch_xpu.so";
  if (!std::filesystem::exists(library)) return "no libtorch_xpu.so beside libtorch_cpu.so";
  return dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr ? dlerror() : "";
}

}  // namespace

std::string open_part_for(c10::DeviceType type) {
  if (type != c10::DeviceType::XPU) return "";
  static const std::string why_not = open_xpu();
  return why_not;
}

}  // namespace crosstrace
