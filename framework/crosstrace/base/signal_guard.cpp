// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ThreadLocalState.h>
#include <crosstrace/base/signal_guard.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <torch/csrc/jit/frontend/tracer.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace crosstrace {
namespace {

constexpr std::array kSignals = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};

// Read by the signal handler: where this thread continues, null outside of run_until_signal().
thread_local sigjmp_buf* t_landing = nullptr;

// How many calls of run_until_signal() this process is in, on all threads.
std::atomic<int> g_inside = 0;

/// A model that calls exit() or quick_exit(), on whatever thread, would end the run, and with its own
/// exit code, as if all were well.
void on_exit_inside() {
  if (g_inside == 0) return;
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
    static const int watched = std::atexit(on_exit_inside) + std::at_quick_exit(on_exit_inside);
    (void)watched;
    ++g_inside;
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
    --g_inside;
  }

 private:
  HandlerStack stack_;
  sigjmp_buf* previous_landing_;
  std::array<struct sigaction, kSignals.size()> previous_{};
};

}  // namespace

int run_until_signal(const std::function<void()>& work) {
  const at::ThreadLocalState state;
  // A trace is thread-local too, and no part of that state (ATen/ThreadLocalState.h).
  const auto tracing = torch::jit::tracer::getTracingState();
  sigjmp_buf landing;
  SignalScope scope(&landing);
  if (const int signal_number = sigsetjmp(landing, /*savemask=*/1)) {
    at::ThreadLocalState::setThreadLocalState(state);
    torch::jit::tracer::setTracingState(tracing);
    return signal_number;
  }
  work();
  return 0;
}

std::string describe_signal(int signal_number) {
  const char* name = sigabbrev_np(signal_number);
  return std::string("SIG") + (name == nullptr ? "?" : name) + " (" + strsignal(signal_number) +
         ")";
}

}  // namespace crosstrace
