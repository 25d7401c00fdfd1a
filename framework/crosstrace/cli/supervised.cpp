// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/signal_guard.h>
#include <crosstrace/cli/supervised.h>
#include <crosstrace/cli/usage_error.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

namespace crosstrace {
namespace {

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

/// Someone stopped the command; it ends as it would have without a watcher.
[[noreturn]] void end_like(int signal_number) {
  ::signal(signal_number, SIG_DFL);
  ::raise(signal_number);
  _exit(128 + signal_number);
}

bool is_a_wish(int signal_number) {
  return signal_number == SIGINT || signal_number == SIGTERM || signal_number == SIGHUP ||
         signal_number == SIGPIPE || signal_number == SIGXCPU;  // The last is a limit that was set.
}

/// The child's word that it has come to its end: code that it calls may call _exit(0), and all would
/// look well.
class Word {
 public:
  Word() {
    if (pipe2(ends_.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
      throw std::system_error(errno, std::generic_category(), "pipe");
    }
  }
  Word(const Word&) = delete;
  Word& operator=(const Word&) = delete;
  ~Word() {
    for (const int end : ends_) close(end);
  }

  void give() const { (void)!write(ends_[1], "", 1); }

  bool was_given() const {
    char byte = 0;
    return read(ends_[0], &byte, 1) == 1;
  }

 private:
  std::array<int, 2> ends_{};
};

}  // namespace

int run_supervised(const std::string& archive, const std::function<int()>& command) {
  std::fflush(nullptr);
  const Word word;
  const pid_t watcher = getpid();
  const pid_t child = fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != watcher) _exit(1);  // It was gone before that.
    const int exit_code = command();
    word.give();
    return exit_code;
  }
  const int status = wait_for(child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && !word.was_given()) {
    throw UsageError(archive +
                     ": the process that read it ended before its work was done; what it "
                     "calls has ended it");
  }
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  const int died_of = WTERMSIG(status);
  if (is_a_wish(died_of)) end_like(died_of);
  throw UsageError(archive + ": the process that read it died of " + describe_signal(died_of) +
                   "; the file is damaged, or what it calls is");
}

}  // namespace crosstrace
