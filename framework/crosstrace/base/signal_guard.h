// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Work that may die of a signal, and who called it lives on.
///
///     const auto crash = crosstrace::run_until_signal([] { std::abort(); });
///     if (crash) std::cout << crosstrace::describe_signal(*crash) << '\n';  // prints SIGABRT (Aborted)
#pragma once

#include <crosstrace/base/crash.h>

#include <functional>
#include <optional>

namespace crosstrace {

/// Runs `work` on this thread. At a signal (SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL) on this thread
/// the stack is abandoned without destructors, and LibTorch's thread-local state is put back. That
/// is enough for an abort(), a division by zero or a stack that is used up; memory that a wild
/// pointer spoiled stays spoiled. Where the stack cannot be abandoned (`can_be_left`: a heap that is
/// spoiled is one reason), and at a signal on another thread, the process ends of the signal at
/// once, after a line on stderr. One that `work` ends with exit() or quick_exit(), on any thread,
/// ends with exit code 1.
/// @returns the crash, if there was one.
/// @throws what `work` throws.
std::optional<Crash> run_until_signal(const std::function<void()>& work);

/// Whether this process is in run_until_signal() on some thread. For signal handlers too.
bool is_until_signal() noexcept;

/// How many crashes run_until_signal() has survived in this process.
int survived_crashes() noexcept;

/// For a process that another one watches: from here on each crash is written to `fd`, as the bytes
/// of a `Crash` and instead of the line on stderr, whether it is survived or not, inside and outside
/// of `run_until_signal`, on any thread. After the first that is survived the process has a minute
/// to end: locks that were held stay held, and nothing must wait for them for ever.
void report_crashes_to(int fd);

}  // namespace crosstrace
