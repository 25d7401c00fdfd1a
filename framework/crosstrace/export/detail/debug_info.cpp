// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/export/detail/debug_info.h>
#include <dlfcn.h>

#ifdef CROSSTRACE_HAS_LIBDW
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <unordered_map>
#endif

namespace crosstrace::detail {
namespace {

std::vector<Frame> exported_symbol(std::uintptr_t address) {
  Dl_info info{};
  if (dladdr(reinterpret_cast<void*>(address), &info) == 0 || info.dli_sname == nullptr) return {};
  return {{readable_name(info.dli_sname), "", 0}};
}

}  // namespace

#ifdef CROSSTRACE_HAS_LIBDW

namespace {

/// The code of one function, and its entry in the debug information.
struct Code {
  Dwarf_Addr low;
  Dwarf_Addr high;
  Dwarf_Die function;
};

/// The functions of one compilation unit, by address. libdw itself would go through all entries of
/// the unit, about 100,000 with LibTorch's headers, at every question.
std::vector<Code> index_unit(Dwarf_Die unit) {
  std::vector<Code> codes;
  Dwarf_Die child;
  for (int end = dwarf_child(&unit, &child); end == 0; end = dwarf_siblingof(&child, &child)) {
    if (dwarf_tag(&child) != DW_TAG_subprogram) continue;
    Dwarf_Addr base = 0, low = 0, high = 0;
    std::ptrdiff_t offset = 0;
    while ((offset = dwarf_ranges(&child, offset, &base, &low, &high)) > 0)
      codes.push_back({low, high, child});
  }
  std::sort(codes.begin(), codes.end(), [](const Code& a, const Code& b) { return a.low < b.low; });
  return codes;
}

std::string name_of(Dwarf_Die function) {
  for (unsigned kind : {DW_AT_linkage_name, DW_AT_MIPS_linkage_name, DW_AT_name}) {
    Dwarf_Attribute attribute;
    if (dwarf_attr_integrate(&function, kind, &attribute) == nullptr) continue;
    if (const char* name = dwarf_formstring(&attribute)) return readable_name(name);
  }
  return "";
}

int number(Dwarf_Die& die, unsigned kind) {
  Dwarf_Attribute attribute;
  Dwarf_Word value = 0;
  const bool has =
      dwarf_attr(&die, kind, &attribute) != nullptr && dwarf_formudata(&attribute, &value) == 0;
  return has ? static_cast<int>(value) : 0;
}

/// Appends the calls that were inlined at `address`, outermost first.
void append_inlined(Dwarf_Die scope, Dwarf_Addr address, std::vector<Dwarf_Die>& chain) {
  Dwarf_Die child;
  for (int end = dwarf_child(&scope, &child); end == 0; end = dwarf_siblingof(&child, &child)) {
    const int tag = dwarf_tag(&child);
    if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_lexical_block) continue;
    if (dwarf_haspc(&child, address) <= 0) continue;
    if (tag == DW_TAG_inlined_subroutine) chain.push_back(child);
    return append_inlined(child, address, chain);
  }
}

class DebugInfo {
 public:
  DebugInfo() : session_(dwfl_begin(&callbacks())) { report_objects(); }

  std::vector<Frame> frames_of(std::uintptr_t address) {
    Dwfl_Module* object = dwfl_addrmodule(session_, address);
    if (object == nullptr) {  // Opened since.
      report_objects();
      object = dwfl_addrmodule(session_, address);
    }
    if (object == nullptr) return {};
    std::vector<Frame> frames = lines(object, address);
    return frames.empty() ? symbol(object, address) : frames;
  }

 private:
  /// Separate debug files are looked for on this machine, never fetched.
  static const Dwfl_Callbacks& callbacks() {
    static char* no_path = nullptr;
    static const Dwfl_Callbacks callbacks = {dwfl_linux_proc_find_elf, dwfl_build_id_find_debuginfo,
                                             nullptr, &no_path};
    return callbacks;
  }

  void report_objects() {
    dwfl_report_begin(session_);
    dwfl_linux_proc_report(session_, getpid());
    dwfl_report_end(session_, nullptr, nullptr);
  }

  static std::vector<Frame> symbol(Dwfl_Module* object, std::uintptr_t address) {
    const char* name = dwfl_module_addrname(object, address);
    if (name == nullptr) return exported_symbol(address);
    return {{readable_name(name), "", 0}};
  }

  /// The unit that has code at `address`. Compilers other than GCC write no table of addresses.
  static Dwarf_Die* find_unit(Dwfl_Module* object, std::uintptr_t address, Dwarf_Addr& bias) {
    if (Dwarf_Die* unit = dwfl_module_addrdie(object, address, &bias)) return unit;
    Dwarf_Die* unit = nullptr;
    while ((unit = dwfl_module_nextcu(object, unit, &bias)) != nullptr) {
      if (dwarf_haspc(unit, address - bias) > 0) return unit;
    }
    return nullptr;
  }

  const std::vector<Code>& index_of(Dwarf_Die& unit) {
    auto [entry, is_new] = units_.try_emplace(unit.addr);
    if (is_new) entry->second = index_unit(unit);
    return entry->second;
  }

  std::vector<Frame> lines(Dwfl_Module* object, std::uintptr_t address) {
    Dwarf_Addr bias = 0;
    Dwarf_Die* unit = find_unit(object, address, bias);
    Dwfl_Line* line = dwfl_module_getsrc(object, address);
    if (unit == nullptr || line == nullptr) return {};
    Frame frame;
    if (const char* file = dwfl_lineinfo(line, nullptr, &frame.line, nullptr, nullptr, nullptr))
      frame.file = file;
    return unwind_inlined(*unit, calls_at(*unit, address - bias), frame);
  }

  /// The function at `address` and the calls inlined into it there, outermost first.
  std::vector<Dwarf_Die> calls_at(Dwarf_Die& unit, Dwarf_Addr address) {
    const std::vector<Code>& codes = index_of(unit);
    auto after = std::upper_bound(codes.begin(), codes.end(), address,
                                  [](Dwarf_Addr a, const Code& code) { return a < code.low; });
    if (after == codes.begin() || address >= std::prev(after)->high) return {};
    std::vector<Dwarf_Die> chain = {std::prev(after)->function};
    append_inlined(chain.front(), address, chain);
    return chain;
  }

  /// `frame` says where the innermost call is; each inlined call says where it was called.
  static std::vector<Frame> unwind_inlined(Dwarf_Die unit, std::vector<Dwarf_Die> chain,
                                           Frame frame) {
    std::vector<Frame> frames;
    Dwarf_Files* files = nullptr;
    dwarf_getsrcfiles(&unit, &files, nullptr);
    for (; !chain.empty(); chain.pop_back()) {
      frame.function = name_of(chain.back());
      frames.push_back(frame);
      const char* file =
          files == nullptr
              ? nullptr
              : dwarf_filesrc(files, number(chain.back(), DW_AT_call_file), nullptr, nullptr);
      frame = {"", file == nullptr ? "" : file, number(chain.back(), DW_AT_call_line)};
    }
    if (frames.empty()) frames.push_back(frame);
    return frames;
  }

  Dwfl* session_;
  std::unordered_map<const void*, std::vector<Code>> units_;
};

}  // namespace

std::vector<Frame> frames_of(std::uintptr_t return_address) {
  static auto* info = new DebugInfo();
  return info->frames_of(return_address - 1);  // A call may be the last instruction of its line.
}

#else

std::vector<Frame> frames_of(std::uintptr_t return_address) {
  return exported_symbol(return_address - 1);
}

#endif

}  // namespace crosstrace::detail
