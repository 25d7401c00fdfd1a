// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ThreadLocalState.h>
#include <c10/util/Exception.h>
#include <c10/util/Type.h>
#include <crosstrace/matrix/crash_guard.h>
#include <crosstrace/matrix/missing_backend.h>
#include <cxxabi.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <torch/csrc/jit/frontend/tracer.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <typeinfo>

namespace crosstrace {
namespace {

constexpr std::array kSignals = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};

// Read by the signal handler: where this thread continues, null outside of guarded().
thread_local sigjmp_buf* t_landing = nullptr;

/// A model that calls exit() would end the run, and with its own exit code, as if all were well.
void on_exit_inside() {
  if (t_landing == nullptr) return;
  std::fputs("crosstrace: a model called exit() in the middle of a cell\n", stderr);
  _exit(1);
}

void on_signal(int signal_number) {
  if (t_landing != nullptr) siglongjmp(*t_landing, signal_number);
  ::signal(signal_number, SIG_DFL);
  ::raise(signal_number);
}

/// A stack for handlers, since the thread's own is used up where recursion without end is the
/// crash.
class HandlerStack {
 public:
  HandlerStack() : memory_(new char[kBytes]) {
    stack_t stack{};
    stack.ss_sp = memory_.get();
    stack.ss_size = kBytes;
    sigaltstack(&stack, &previous_);
  }
  ~HandlerStack() { sigaltstack(&previous_, nullptr); }

 private:
  static constexpr std::size_t kBytes = 64 * 1024;
  std::unique_ptr<char[]> memory_;
  stack_t previous_{};
};

/// Installs the handlers and this thread's landing place, and puts back what was there.
class SignalScope {
 public:
  explicit SignalScope(sigjmp_buf* landing) : previous_landing_(t_landing) {
    static const int watched = std::atexit(on_exit_inside);
    (void)watched;
    t_landing = landing;
    struct sigaction action {};
    action.sa_handler = on_signal;
    action.sa_flags = SA_ONSTACK;
    for (std::size_t i = 0; i < kSignals.size(); ++i)
      sigaction(kSignals[i], &action, &previous_[i]);
  }
  ~SignalScope() {
    for (std::size_t i = 0; i < kSignals.size(); ++i)
      sigaction(kSignals[i], &previous_[i], nullptr);
    t_landing = previous_landing_;
  }

 private:
  HandlerStack stack_;
  sigjmp_buf* previous_landing_;
  std::array<struct sigaction, kSignals.size()> previous_{};
};

Failure foreign_exception() {
  const std::type_info* type = abi::__cxa_current_exception_type();
  return {Verdict::kError, "threw a value of type " +
                               (type == nullptr ? "unknown" : c10::demangle(type->name())) +
                               ", which is not a std::exception"};
}

std::optional<Failure> run_catching(const std::function<void()>& work) {
  try {
    work();
    return std::nullopt;
  } catch (const c10::Error& error) {
    return Failure{Verdict::kError, error_text(error.what_without_backtrace())};
  } catch (const std::exception& error) {
    return Failure{Verdict::kError, error_text(error.what())};
  } catch (...) {
    return foreign_exception();
  }
}

/// Drops empty lines and headings of tracebacks that no line follows: modules made in this process
/// have no source.
std::string without_end(std::string text) {
  while (!text.empty()) {
    const std::size_t line = text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1;
    if (line != text.size() && text.compare(line, 24, "Traceback of TorchScript") != 0) break;
    text.resize(line == 0 ? 0 : line - 1);
  }
  return text;
}

Failure crash(int signal_number) {
  const char* name = sigabbrev_np(signal_number);
  return {Verdict::kCrashed, std::string("crashed: SIG") + (name == nullptr ? "?" : name) + " (" +
                                 strsignal(signal_number) + ")"};
}

}  // namespace

std::optional<Failure> guarded(const std::function<void()>& work) {
  const at::ThreadLocalState state;
  // A trace is thread-local too, and no part of that state (ATen/ThreadLocalState.h).
  const auto tracing = torch::jit::tracer::getTracingState();
  sigjmp_buf landing;
  SignalScope scope(&landing);
  if (const int signal_number = sigsetjmp(landing, /*savemask=*/1)) {
    at::ThreadLocalState::setThreadLocalState(state);
    torch::jit::tracer::setTracingState(tracing);
    return crash(signal_number);
  }
  std::optional<Failure> failure = run_catching(work);
  if (failure) torch::jit::tracer::setTracingState(tracing);
  return failure;
}

std::string error_text(const std::string& what) {
  const std::string text =
      shorten_missing_backend(what.substr(0, what.find("\nException raised from")));
  constexpr std::string_view kMark = "RuntimeError: ";
  const std::size_t mark = text.rfind(kMark);
  if (mark == std::string::npos || text.find("TorchScript interpreter") == std::string::npos)
    return text;
  return without_end(text.substr(mark + kMark.size())) + "\n" + without_end(text.substr(0, mark));
}

}  // namespace crosstrace
