// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// A process that was forked from this one, and talks with it.
///
///     crosstrace::ChildProcess child([](crosstrace::MessageSocket& parent) {
///       if (const auto text = parent.wait()) parent.send(*text + ", too");
///     });
///     child.parent_end().send("hello");
///     std::cout << child.receive(std::nullopt).text << '\n';  // prints hello, too
#pragma once

#include <crosstrace/base/crash.h>
#include <crosstrace/cli/message_socket.h>
#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace crosstrace {

/// How a process came to its end.
struct Ending {
  int signal = 0;              ///< 0 if it ended by itself.
  int exit_code = 0;           ///< If it did.
  std::optional<Crash> crash;  ///< The last that it reported.
};

/// The number of threads of this process, by /proc/self/task.
int running_threads();

class ChildProcess {
 public:
  using Deadline = std::optional<std::chrono::steady_clock::time_point>;

  /// Forks. `work` runs in the child, which ends with it: exit code 0, without destructors of what is
  /// static. The child's crashes are reported (`report_crashes_to`); it dies with this process.
  /// @throws std::runtime_error if this process has threads, which do not survive a fork, and whose
  /// locks do; std::system_error if there can be no child.
  explicit ChildProcess(const std::function<void(MessageSocket&)>& work);
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();  ///< Kills it, if it is still there.

  MessageSocket& parent_end() { return socket_; }

  struct Received {
    enum What { kMessage, kEnded, kTooLate };
    What what = kEnded;
    std::string text;
  };

  /// Waits for a message, until there is none to come or `deadline` is over.
  Received receive(Deadline deadline);

  /// Kills it if it does not end by itself within a second.
  Ending end();

 private:
  bool is_gone();

  pid_t process_ = -1;
  MessageSocket socket_;
  int crashes_ = -1;
  std::optional<int> status_;  ///< As waitpid() tells it.
};

}  // namespace crosstrace
