// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/cli/child_process.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <system_error>

namespace crosstrace {
namespace {

constexpr int kNoResult =
    97;  // Tells a child that returned nothing from one that wrote its result.

[[noreturn]] void be_child(int out, const std::function<std::string()>& work) {
  int status = 0;
  try {
    const std::string result = work();
    for (std::size_t done = 0; done < result.size();) {
      const ssize_t n = write(out, result.data() + done, result.size() - done);
      if (n <= 0) _exit(kNoResult);
      done += static_cast<std::size_t>(n);
    }
  } catch (...) {
    status = kNoResult;
  }
  std::fflush(nullptr);
  _exit(status);
}

/// Reads until the child closes its end. @returns false if `deadline` came first.
bool read_until(int in, std::chrono::steady_clock::time_point deadline, std::string& output) {
  std::array<char, 65536> buffer;
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd ready{in, POLLIN, 0};
    const int patience = static_cast<int>(std::min<std::int64_t>(left.count(), 60'000));
    if (poll(&ready, 1, patience) <= 0) continue;  // Too early, or interrupted: look at the clock.
    const ssize_t n = read(in, buffer.data(), buffer.size());
    if (n == 0) return true;
    if (n > 0) output.append(buffer.data(), static_cast<std::size_t>(n));
  }
}

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

ChildResult run_in_child(const std::function<std::string()>& work, std::chrono::seconds limit) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) {
    close(ends[0]);
    be_child(ends[1], work);
  }
  close(ends[1]);
  ChildResult result;
  const bool in_time = read_until(ends[0], std::chrono::steady_clock::now() + limit, result.output);
  if (!in_time) kill(child, SIGKILL);
  close(ends[0]);
  const int status = wait_for(child);
  if (!in_time) {
    result.how = ChildResult::kTimedOut;
  } else if (WIFSIGNALED(status)) {
    result.how = ChildResult::kDied;
    result.signal = WTERMSIG(status);
  } else if (WEXITSTATUS(status) != 0) {
    result.how = ChildResult::kDied;
  }
  return result;
}

}  // namespace crosstrace
