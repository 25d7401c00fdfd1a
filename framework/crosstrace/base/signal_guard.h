// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Work that may die of a signal, and who called it lives on.
///
///     const int died_of = crosstrace::run_until_signal([] { std::abort(); });
///     std::cout << crosstrace::describe_signal(died_of) << '\n';  // prints SIGABRT (Aborted)
#pragma once

#include <functional>
#include <string>

namespace crosstrace {

/// Runs `work` on this thread. At a signal (SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL) on this thread
/// the stack is abandoned without destructors, and LibTorch's thread-local state is put back. That
/// is enough for an abort(), a division by zero or a stack that is used up; memory that a wild
/// pointer spoiled stays spoiled. A signal on another thread ends the process.
/// @returns the signal, 0 if there was none.
/// @throws what `work` throws.
int run_until_signal(const std::function<void()>& work);

/// `SIGFPE (Floating point exception)`
std::string describe_signal(int signal_number);

}  // namespace crosstrace
