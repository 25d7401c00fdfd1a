// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// A signal that a thread died of, or would have: what is known of it in the handler.
///
///     void on_signal(int signal, siginfo_t* info, void* context) {
///       const crosstrace::Crash crash = crosstrace::look_at_crash(signal, *info, context);
///       if (!crosstrace::can_be_left(crash)) _exit(1);
///     }
#pragma once

#include <signal.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

namespace crosstrace {

/// Plain bytes, few enough that one write() into a pipe is not divided (PIPE_BUF).
struct Crash {
  int signal = 0;
  bool has_address = false;    ///< False also of a signal that was sent (abort, raise, kill).
  std::uintptr_t address = 0;  ///< That was read, written or called (SIGSEGV, SIGBUS).
  bool is_stack_used_up = false;

  /// Return addresses, innermost first; the first is one behind the instruction of the crash. They
  /// end where the stack cannot be followed.
  std::array<std::uintptr_t, 64> frames{};
  std::size_t frame_count = 0;

  /// What the C library wrote as it aborted, a failed assert() or `free(): double free detected in
  /// tcache 2`, one line; empty if nothing.
  std::array<char, 256> said{};
};

/// Finds what `look_at_crash` and `can_be_left` need, once; they must not in a handler.
void prepare_for_crashes();

/// For handlers that have a stack of their own; takes no lock and no memory. Follows the stack up to
/// `outermost`, an address on it.
Crash look_at_crash(int signal, const siginfo_t& info, const void* context,
                    std::uintptr_t outermost = std::numeric_limits<std::uintptr_t>::max()) noexcept;

/// Whether the frames of a crash may be abandoned: false if one is of the C library's and may hold a
/// lock (malloc and free above all, which abort where the heap is spoiled; dlopen, call_once, stdio),
/// of an allocator that replaces its own, or of the CUDA driver. Locks of other code are not seen.
bool can_be_left(const Crash& crash) noexcept;

/// `SIGFPE (Floating point exception)`
std::string describe_signal(int signal_number);

/// `SIGSEGV (Segmentation fault) at address 0x10`, `SIGABRT (Aborted): free(): invalid pointer`; all
/// but where.
std::string describe_signal(const Crash& crash);

}  // namespace crosstrace
