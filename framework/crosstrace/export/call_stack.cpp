// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/export/call_stack.h>
#include <crosstrace/export/detail/debug_info.h>
#include <link.h>
#include <unwind.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace crosstrace {
namespace {

constexpr std::size_t kMaxFrames = 64;

struct Walk {
  CallStack& stack;
  std::uintptr_t outermost;
};

_Unwind_Reason_Code visit(_Unwind_Context* context, void* data) {
  auto& walk = *static_cast<Walk*>(data);
  if (_Unwind_GetCFA(context) > walk.outermost || walk.stack.size() == kMaxFrames)
    return _URC_END_OF_STACK;
  walk.stack.push_back(_Unwind_GetIP(context));
  return _URC_NO_REASON;
}

/// Objects whose frames are nobody's model; their symbols are never read.
constexpr std::array<std::string_view, 11> kLibraries = {
    "libtorch.so", "libtorch_cpu.so", "libtorch_cuda.so", "libtorch_python.so",
    "libc10.so",   "libc10_cuda.so",  "libstdc++.so",     "libc++.so",
    "libgcc_s.so", "libc.so",         "ld-linux"};

/// Through which code dies that called abort(), or memcpy() with a wild pointer.
constexpr std::array<std::string_view, 6> kLanguage = {"libstdc++.so", "libc++",     "libgcc_s.so",
                                                       "libc.so",      "libpthread", "ld-linux"};

/// What reads debug information keeps what it read.
std::mutex& reading() {
  static std::mutex mutex;
  return mutex;
}

struct Lookup {
  std::uintptr_t address;
  std::string object;
};

int find_object(dl_phdr_info* info, std::size_t, void* data) {
  auto& lookup = *static_cast<Lookup*>(data);
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& segment = info->dlpi_phdr[i];
    const std::uintptr_t start = info->dlpi_addr + segment.p_vaddr;
    if (segment.p_type != PT_LOAD || lookup.address < start ||
        lookup.address >= start + segment.p_memsz)
      continue;
    lookup.object = info->dlpi_name;
    return 1;
  }
  return 0;
}

template <std::size_t size>
bool is_in_one_of(const std::array<std::string_view, size>& libraries, std::uintptr_t address) {
  Lookup lookup{address, ""};
  dl_iterate_phdr(find_object, &lookup);
  const std::string_view path = lookup.object;
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return std::any_of(libraries.begin(), libraries.end(),
                     [&](std::string_view library) { return name.starts_with(library); });
}

/// Where only a symbol tells: its namespace.
bool is_library_function(const std::string& function) {
  constexpr std::array<std::string_view, 7> kNamespaces = {
      "torch::", "at::", "c10::", "std::", "__gnu_cxx::", "testing::", "crosstrace::"};
  return std::any_of(kNamespaces.begin(), kNamespaces.end(),
                     [&](std::string_view space) { return function.starts_with(space); });
}

bool is_author(const Frame& frame) {
  if (!frame.file.empty()) return !is_library_file(frame.file);
  return !frame.function.empty() && !is_library_function(frame.function);
}

std::vector<Frame> read_author_frames(std::uintptr_t address) {
  if (is_in_one_of(kLibraries, address)) return {};
  std::vector<Frame> frames = detail::frames_of(address);
  std::erase_if(frames, [](const Frame& frame) { return !is_author(frame); });
  return frames;
}

}  // namespace

CallStack call_stack(const void* outermost) {
  CallStack stack;
  stack.reserve(kMaxFrames);
  Walk walk{stack, reinterpret_cast<std::uintptr_t>(outermost)};
  _Unwind_Backtrace(visit, &walk);
  return stack;
}

std::vector<Frame> author_frames(const CallStack& stack) {
  static auto* known = new std::unordered_map<std::uintptr_t, std::vector<Frame>>();
  const std::lock_guard lock(reading());
  std::vector<Frame> frames;
  for (std::uintptr_t address : stack) {
    auto [entry, is_new] = known->try_emplace(address);
    if (is_new) entry->second = read_author_frames(address);
    frames.insert(frames.end(), entry->second.begin(), entry->second.end());
  }
  return frames;
}

std::optional<Frame> innermost_function(const CallStack& stack) {
  // A crash may have been in here.
  const std::unique_lock lock(reading(), std::try_to_lock);
  if (!lock) return std::nullopt;
  for (const std::uintptr_t address : stack) {
    if (is_in_one_of(kLanguage, address)) continue;
    for (Frame& frame : detail::frames_of(address)) {
      if (!frame.function.empty()) return std::move(frame);
    }
  }
  return std::nullopt;
}

bool is_library_file(const std::string& file) {
  // The parts of CrossTrace through which a model is called; its tests are models' authors too.
  constexpr std::array<std::string_view, 5> kOurs = {
      "/crosstrace/models/callable.h", "/crosstrace/models/register.h",
      "/crosstrace/export/trace.cpp", "/crosstrace/export/call_stack.cpp",
      "/crosstrace/export/source_recorder.cpp"};
  constexpr std::array<std::string_view, 13> kFolders = {"/include/torch/",
                                                         "/torch/csrc/",
                                                         "/include/ATen/",
                                                         "/aten/src/ATen/",
                                                         "/include/c10/",
                                                         "/c10/core/",
                                                         "/c10/util/",
                                                         "/c++/",
                                                         "/include/gtest/",
                                                         "/include/gmock/",
                                                         "/site-packages/torch/",
                                                         "/dist-packages/torch/",
                                                         "/torch/nn/modules/"};
  const std::string_view path = file;
  if (path.starts_with("torch/")) return true;  // Of archives that keep no folders of a machine.
  return std::any_of(kOurs.begin(), kOurs.end(),
                     [&](std::string_view ours) { return path.ends_with(ours); }) ||
         std::any_of(kFolders.begin(), kFolders.end(), [&](std::string_view folder) {
           return path.find(folder) != std::string_view::npos;
         });
}

}  // namespace crosstrace
