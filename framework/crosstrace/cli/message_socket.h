// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Texts between two processes, whole or not at all.
///
///     auto [here, there] = crosstrace::MessageSocket::pair();
///     here.send("hello");
///     std::cout << *there.wait() << '\n';  // prints hello
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace crosstrace {

/// One end of a line. Texts may hold any bytes; each goes behind its length.
class MessageSocket {
 public:
  MessageSocket() = default;  ///< No line at all.
  MessageSocket(MessageSocket&& other) noexcept;
  MessageSocket& operator=(MessageSocket&& other) noexcept;
  ~MessageSocket();

  /// Both ends. @throws std::system_error if there are none.
  static std::pair<MessageSocket, MessageSocket> pair();

  /// Waits until all of it is on its way. @returns false if the other end is closed.
  bool send(std::string_view text);

  /// The next text, if it is there; does not wait.
  std::optional<std::string> next();

  /// The next text, waited for; nothing if the other end is closed.
  std::optional<std::string> wait();

  /// Waits until `next` is worth a call, no longer than `patience`.
  void wait_for(std::chrono::milliseconds patience) const;

  /// Whether `next` has found the other end closed.
  bool is_closed() const { return is_closed_; }

 private:
  explicit MessageSocket(int fd) : fd_(fd) {}
  bool read_more(int flags);

  int fd_ = -1;
  bool is_closed_ = false;
  std::string buffer_;  ///< Came in, and was not asked for yet.
};

}  // namespace crosstrace
