// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/crash.h>
#include <dlfcn.h>
#include <link.h>
#include <string.h>
#include <ucontext.h>
#include <unwind.h>

#include <algorithm>
#include <cstdio>
#include <string_view>

namespace crosstrace {
namespace {

/// Where a function's code lies.
struct Code {
  std::uintptr_t start = 0;
  std::uintptr_t end = 0;

  bool has(std::uintptr_t address) const { return address >= start && address < end; }
};

Code code_of(const char* name) {
  Dl_info info{};
  void* symbol = nullptr;
  const void* address = dlsym(RTLD_DEFAULT, name);
  if (address == nullptr || dladdr1(address, &info, &symbol, RTLD_DL_SYMENT) == 0) return {};
  const auto start = reinterpret_cast<std::uintptr_t>(address);
  return {start, start + static_cast<const ElfW(Sym)*>(symbol)->st_size};
}

/// As glibc keeps it for those who look at a core (stdlib/abort.c).
struct AbortMessage {
  unsigned size;
  char text[1];
};

/// Of the C library, found before any crash.
struct CLibrary {
  /// Its functions that die without a lock; what else of it calls, is called back or aborts may hold
  /// one.
  std::array<Code, 5> harmless = {code_of("abort"), code_of("raise"), code_of("pthread_kill"),
                                  code_of("__assert_fail"), code_of("__assert_perror_fail")};
  std::array<Code, 7> allocators = {
      code_of("malloc"),         code_of("free"),          code_of("calloc"),  code_of("realloc"),
      code_of("posix_memalign"), code_of("aligned_alloc"), code_of("memalign")};
  const AbortMessage* const* abort_message =
      static_cast<const AbortMessage* const*>(dlsym(RTLD_DEFAULT, "__abort_msg"));
};

const CLibrary& c_library() {
  static const CLibrary library;
  return library;
}

/// The path of the object that has `address`; empty for the program itself.
std::string_view object_at(std::uintptr_t address) {
  void* const pointer = reinterpret_cast<void*>(address);
#if __GLIBC_PREREQ(2, 35)
  dl_find_object found{};  // Takes no lock, which dladdr does.
  if (_dl_find_object(pointer, &found) != 0 || found.dlfo_link_map == nullptr) return "";
  return found.dlfo_link_map->l_name;
#else
  Dl_info info{};
  return dladdr(pointer, &info) == 0 || info.dli_fname == nullptr ? "" : info.dli_fname;
#endif
}

enum class Kind { kOther, kCLibrary, kHoldsLocks };

Kind kind_of(std::uintptr_t address) {
  // The loader; allocators that replace malloc; the sanitizers; the CUDA driver.
  constexpr std::array<std::string_view, 7> kHoldLocks = {
      "ld-", "libjemalloc", "libtcmalloc", "libmimalloc", "libasan.", "libtsan.", "libcuda.so"};
  // Before glibc 2.34 raise() was in a library of its own, and names had versions: libc-2.31.so.
  constexpr std::array<std::string_view, 3> kCLibraries = {"libc.so", "libc-2", "libpthread"};
  const std::string_view path = object_at(address);
  const std::string_view name = path.substr(path.rfind('/') + 1);
  const auto begins = [&](std::string_view word) { return name.starts_with(word); };
  if (std::any_of(kHoldLocks.begin(), kHoldLocks.end(), begins)) return Kind::kHoldsLocks;
  if (std::any_of(kCLibraries.begin(), kCLibraries.end(), begins)) return Kind::kCLibrary;
  return Kind::kOther;
}

struct Registers {
  std::uintptr_t instruction = 0;
  std::uintptr_t stack = 0;
};

Registers registers_of(const void* context) {
  const mcontext_t& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
  return {static_cast<std::uintptr_t>(machine.gregs[REG_RIP]),
          static_cast<std::uintptr_t>(machine.gregs[REG_RSP])};
#elif defined(__aarch64__)
  return {machine.pc, machine.sp};
#else
  (void)machine;
  return {};
#endif
}

struct Walk {
  Crash& crash;
  std::uintptr_t instruction;
  std::uintptr_t outermost;
};

_Unwind_Reason_Code visit(_Unwind_Context* context, void* data) {
  auto& walk = *static_cast<Walk*>(data);
  Crash& crash = walk.crash;
  if (crash.frame_count == crash.frames.size()) return _URC_END_OF_STACK;
  const std::uintptr_t address = _Unwind_GetIP(context);
  if (crash.frame_count == 0) {
    // The handler comes first, on a stack of its own.
    if (address == walk.instruction) crash.frames[crash.frame_count++] = address + 1;
    return _URC_NO_REASON;
  }
  if (_Unwind_GetCFA(context) > walk.outermost) return _URC_END_OF_STACK;
  crash.frames[crash.frame_count++] = address;
  return _URC_NO_REASON;
}

/// The kernel gives the main thread's stack what it touches, up to its limit: near the stack pointer
/// there is only the end of the stack that cannot be touched.
bool is_near(std::uintptr_t address, std::uintptr_t stack_pointer) {
  constexpr std::uintptr_t kReach = 1 << 20;
  return address + kReach > stack_pointer && address < stack_pointer + kReach;
}

/// What the C library wrote since it was last asked.
void copy_abort_message(std::array<char, 256>& said) {
  static const AbortMessage* known = nullptr;
  const auto* const place = c_library().abort_message;
  const AbortMessage* const message = place == nullptr ? nullptr : *place;
  if (message == nullptr || message == known) return;
  known = message;
  for (std::size_t i = 0; i + 1 < said.size(); ++i) {
    if (message->text[i] == '\0' || message->text[i] == '\n') break;
    said[i] = message->text[i];
  }
}

template <std::size_t size>
bool has(const std::array<Code, size>& codes, std::uintptr_t address) {
  return std::any_of(codes.begin(), codes.end(),
                     [&](const Code& code) { return code.has(address); });
}

}  // namespace

void prepare_for_crashes() {
  (void)c_library();
  // The unwinder, too, takes memory at its first use.
  (void)_Unwind_Backtrace([](_Unwind_Context*, void*) { return _URC_END_OF_STACK; }, nullptr);
}

Crash look_at_crash(int signal, const siginfo_t& info, const void* context,
                    std::uintptr_t outermost) noexcept {
  Crash crash;
  crash.signal = signal;
  const Registers registers = registers_of(context);
  // SI_KERNEL is an address that no memory can have; the kernel does not tell it.
  crash.has_address =
      (signal == SIGSEGV || signal == SIGBUS) && info.si_code > 0 && info.si_code != SI_KERNEL;
  if (crash.has_address) {
    crash.address = reinterpret_cast<std::uintptr_t>(info.si_addr);
    crash.is_stack_used_up = signal == SIGSEGV && is_near(crash.address, registers.stack);
  }
  if (signal == SIGABRT) copy_abort_message(crash.said);
  Walk walk{crash, registers.instruction, outermost};
  _Unwind_Backtrace(visit, &walk);
  return crash;
}

bool can_be_left(const Crash& crash) noexcept {
  for (std::size_t i = 0; i < crash.frame_count; ++i) {
    Kind kind = kind_of(crash.frames[i] - 1);
    const std::size_t innermost = i;
    // Of calls inside the C library the outermost tells.
    while (kind == Kind::kCLibrary && i + 1 < crash.frame_count &&
           kind_of(crash.frames[i + 1] - 1) == Kind::kCLibrary) {
      ++i;
    }
    if (kind == Kind::kHoldsLocks) return false;
    if (kind == Kind::kOther) continue;
    const std::uintptr_t entry = crash.frames[i] - 1;
    // What dies by itself is memcpy() and its like.
    const bool is_leaf = i == 0 && innermost == 0;
    const bool is_harmless =
        is_leaf ? !has(c_library().allocators, entry) : has(c_library().harmless, entry);
    if (!is_harmless) return false;
  }
  return true;
}

std::string describe_signal(int signal_number) {
  const char* name = sigabbrev_np(signal_number);
  return std::string("SIG") + (name == nullptr ? "?" : name) + " (" + strsignal(signal_number) +
         ")";
}

std::string describe_signal(const Crash& crash) {
  std::string text = describe_signal(crash.signal);
  if (crash.has_address) {
    char address[32];
    std::snprintf(address, sizeof address, " at address 0x%zx", crash.address);
    text += address;
  }
  if (crash.is_stack_used_up) text += ", the stack is used up";
  if (crash.said[0] != '\0') text += std::string(": ") + crash.said.data();
  return text;
}

}  // namespace crosstrace
