// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ThreadLocalState.h>
#include <crosstrace/base/accelerator.h>
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

/// Where a thread continues, and what the handler tells it.
struct Landing {
  sigjmp_buf place;
  std::uintptr_t outermost;
  Crash crash;
};

// Read by the handler, on whatever thread: other models of thread-local storage take memory at the
// first look.
#define CROSSTRACE_FOR_HANDLERS __attribute__((tls_model("initial-exec")))

/// Null outside of run_until_signal().
thread_local constinit Landing* t_landing CROSSTRACE_FOR_HANDLERS = nullptr;

/// Where the handler goes on if the stack that it looks at is spoiled too; else null.
thread_local constinit sigjmp_buf* t_looking CROSSTRACE_FOR_HANDLERS = nullptr;

#undef CROSSTRACE_FOR_HANDLERS

// How many calls of run_until_signal() this process is in, on all threads.
std::atomic<int> g_inside = 0;
std::atomic<int> g_survived = 0;
std::atomic<int> g_watcher = -1;  // Where crashes are written to.

/// A model that calls exit() or quick_exit(), on whatever thread, would end the run, and with its own
/// exit code, as if all were well.
void on_exit_inside() {
  if (g_inside == 0) return;
  std::fputs("crosstrace: a model called exit() in the middle of a cell\n", stderr);
  _exit(1);
}

void write_text(const char* text) { (void)!write(STDERR_FILENO, text, strlen(text)); }

void tell(const Crash& crash, bool is_survived) {
  if (g_watcher >= 0) {
    (void)!write(g_watcher, &crash, sizeof crash);
  } else if (!is_survived) {
    write_text("crosstrace: a model died of SIG");
    write_text(sigabbrev_np(crash.signal));
    write_text(t_landing == nullptr ? " on another thread, which ends the process"
                                    : " in code that may hold a lock, which ends the process");
    if (crash.said[0] != '\0') write_text(": ");
    write_text(crash.said.data());
    write_text("\n");
  }
}

/// The stack may be spoiled where it is looked at.
Crash look(int signal_number, const siginfo_t& info, const void* context) {
  volatile bool is_whole = true;
  sigjmp_buf here;
  if (sigsetjmp(here, /*savemask=*/1) != 0) is_whole = false;
  t_looking = is_whole ? &here : nullptr;
  const std::uintptr_t outermost =
      t_landing == nullptr ? std::numeric_limits<std::uintptr_t>::max() : t_landing->outermost;
  Crash crash;
  crash.signal = signal_number;
  if (is_whole) crash = look_at_crash(signal_number, info, context, outermost);
  t_looking = nullptr;
  return crash;
}

void on_signal(int signal_number, siginfo_t* info, void* context) {
  if (t_looking != nullptr) siglongjmp(*t_looking, 1);
  const Crash crash = look(signal_number, *info, context);
  Landing* const landing = t_landing;
  const bool is_survived = landing != nullptr && can_be_left(crash);
  tell(crash, is_survived);
  if (is_survived) {
    constexpr unsigned kLastSeconds = 60;
    if (g_survived++ == 0 && g_watcher >= 0) alarm(kLastSeconds);
    landing->crash = crash;
    siglongjmp(landing->place, 1);
  }
  ::signal(signal_number, SIG_DFL);
  ::raise(signal_number);
}

struct sigaction handling() {
  struct sigaction action {};
  action.sa_sigaction = on_signal;
  action.sa_flags = SA_ONSTACK | SA_SIGINFO | SA_NODEFER;
  return action;
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
  explicit SignalScope(Landing* landing) : previous_landing_(t_landing) {
    static const int watched = std::atexit(on_exit_inside) + std::at_quick_exit(on_exit_inside);
    (void)watched;
    prepare_for_crashes();
    ++g_inside;
    t_landing = landing;
    const struct sigaction action = handling();
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
  Landing* previous_landing_;
  std::array<struct sigaction, kSignals.size()> previous_{};
};

}  // namespace

std::optional<Crash> run_until_signal(const std::function<void()>& work) {
  const at::ThreadLocalState state;
  // A trace is thread-local too, and no part of that state (ATen/ThreadLocalState.h).
  const auto tracing = torch::jit::tracer::getTracingState();
  const AcceleratorScope accelerator(std::nullopt);  // Nor is this; its end puts it back.
  Landing landing;
  landing.outermost = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  SignalScope scope(&landing);
  if (sigsetjmp(landing.place, /*savemask=*/1) != 0) {
    at::ThreadLocalState::setThreadLocalState(state);
    torch::jit::tracer::setTracingState(tracing);
    return landing.crash;
  }
  work();
  return std::nullopt;
}

bool is_until_signal() noexcept { return g_inside > 0; }

int survived_crashes() noexcept { return g_survived; }

void report_crashes_to(int fd) {
  static const auto* const stack = new HandlerStack;
  (void)stack;
  prepare_for_crashes();
  g_watcher = fd;
  const struct sigaction action = handling();
  for (const int signal_number : kSignals) sigaction(signal_number, &action, nullptr);
}

}  // namespace crosstrace
