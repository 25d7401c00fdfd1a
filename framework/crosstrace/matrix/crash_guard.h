// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Keeps what one cell dies of from stopping the others.
///
///     const auto failure = crosstrace::guarded([] { throw std::runtime_error("no weights"); });
///     if (failure) std::cout << crosstrace::to_string(failure->verdict) << ": " << failure->message;
///
/// prints
///
///     error: no weights
#pragma once

#include <crosstrace/models/verdict.h>

#include <functional>
#include <optional>
#include <string>

namespace crosstrace {

struct Crash;  // base/crash.h

struct Failure {
  Verdict verdict = Verdict::kError;
  std::string message;  ///< The first line stands alone.
  bool raised = false;  ///< By a `raise` or `assert` of a script, not by an operator.
};

/// Runs `work` on this thread. An exception of any type becomes `error`. A signal (SIGABRT,
/// SIGSEGV, SIGBUS, SIGFPE, SIGILL) on this thread becomes `crashed` (`describe_crash`): the stack is
/// abandoned without destructors, LibTorch's thread-local state is put back. That is enough for an
/// abort() or a failed assertion in a model; memory that a wild pointer spoiled stays spoiled, which
/// is why a crashed cell is a failure, and the command goes on in another process. Where the stack
/// cannot be abandoned, as in a free() that finds the heap spoiled, and at a signal on another
/// thread, the process ends (signal_guard.h). Waits for no device: an error that an accelerator tells
/// later is not seen. May nest, but not run on several threads at once, since handlers are the
/// process's.
/// @returns nothing if `work` came to its end.
std::optional<Failure> guarded(const std::function<void()>& work);

/// `SIGSEGV (Segmentation fault) at address 0x10 in Net::forward (net.cpp:14)`: the innermost
/// function that has a name, the C and C++ libraries' own left out.
std::string describe_crash(const Crash& crash);

/// The cause first: TorchScript's interpreter puts it last, behind its traceback. An exception that a
/// script raised keeps the name of its class, `ValueError: no weights`, unless that is RuntimeError.
/// C++ frames are left out.
std::string error_text(const std::string& what);

}  // namespace crosstrace
