// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/signal_guard.h>
#include <crosstrace/cli/child_process.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

namespace crosstrace {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// A child of the child may hold its end of the socket open: then only waitpid() tells.
constexpr milliseconds kLookAgain(100);

[[noreturn]] void be_child(pid_t parent, MessageSocket socket, int crashes,
                           const std::function<void(MessageSocket&)>& work) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);  // It was gone before that.
  report_crashes_to(crashes);
  work(socket);
  std::fflush(nullptr);
  _exit(0);
}

void refuse_to_fork_threads() {
  const int threads = running_threads();
  if (threads == 1) return;
  throw std::runtime_error("no process can be started for cells: " + std::to_string(threads) +
                           " threads run in this one; an operator library may have started them");
}

}  // namespace

int running_threads() {
  return static_cast<int>(std::distance(std::filesystem::directory_iterator("/proc/self/task"),
                                        std::filesystem::directory_iterator()));
}

ChildProcess::ChildProcess(const std::function<void(MessageSocket&)>& work) {
  refuse_to_fork_threads();
  auto [ours, theirs] = MessageSocket::pair();
  std::array<int, 2> crashes{};
  if (pipe2(crashes.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    throw std::system_error(errno, std::generic_category(), "pipe");
  }
  std::fflush(nullptr);
  const pid_t parent = getpid();
  process_ = fork();
  if (process_ == 0) {
    ours = MessageSocket();
    close(crashes[0]);
    be_child(parent, std::move(theirs), crashes[1], work);
  }
  const int error = errno;
  close(crashes[1]);
  crashes_ = crashes[0];
  socket_ = std::move(ours);
  if (process_ < 0) {
    close(crashes_);
    throw std::system_error(error, std::generic_category(), "fork");
  }
}

ChildProcess::~ChildProcess() {
  if (!status_) kill(process_, SIGKILL);
  (void)end();
  close(crashes_);
}

/// Whether it has ended, by itself or not.
bool ChildProcess::is_gone() {
  int status = 0;
  if (!status_ && waitpid(process_, &status, WNOHANG) == process_) status_ = status;
  return status_.has_value();
}

ChildProcess::Received ChildProcess::receive(Deadline deadline) {
  while (true) {
    const bool was_gone = is_gone();  // Before the last look at what it left.
    if (auto text = socket_.next()) return {Received::kMessage, *std::move(text)};
    if (was_gone || socket_.is_closed()) return {Received::kEnded, ""};
    if (deadline && Clock::now() >= *deadline) return {Received::kTooLate, ""};
    milliseconds patience = kLookAgain;
    if (deadline) {
      patience = std::min(patience, std::chrono::ceil<milliseconds>(*deadline - Clock::now()));
    }
    socket_.wait_for(patience);
  }
}

Ending ChildProcess::end() {
  const auto last_moment = Clock::now() + std::chrono::seconds(1);
  while (!is_gone() && Clock::now() < last_moment) std::this_thread::sleep_for(milliseconds(1));
  if (!is_gone()) kill(process_, SIGKILL);
  int status = 0;
  while (!status_) {
    if (waitpid(process_, &status, 0) == process_) status_ = status;
  }
  Ending ending;
  Crash crash;
  while (read(crashes_, &crash, sizeof crash) == sizeof crash) ending.crash = crash;
  if (WIFSIGNALED(*status_)) {
    ending.signal = WTERMSIG(*status_);
  } else {
    ending.exit_code = WEXITSTATUS(*status_);
  }
  return ending;
}

}  // namespace crosstrace
