// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/cli/message_socket.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>

namespace crosstrace {
namespace {

using Length = std::uint64_t;

/// No signal where the other end is closed.
bool send_bytes(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace

MessageSocket::MessageSocket(MessageSocket&& other) noexcept { *this = std::move(other); }

MessageSocket& MessageSocket::operator=(MessageSocket&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(is_closed_, other.is_closed_);
  std::swap(buffer_, other.buffer_);
  return *this;
}

MessageSocket::~MessageSocket() {
  if (fd_ >= 0) ::close(fd_);
}

std::pair<MessageSocket, MessageSocket> MessageSocket::pair() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw std::system_error(errno, std::generic_category(), "socketpair");
  }
  return {MessageSocket(ends[0]), MessageSocket(ends[1])};
}

bool MessageSocket::send(std::string_view text) {
  const Length length = text.size();
  return send_bytes(fd_, {reinterpret_cast<const char*>(&length), sizeof length}) &&
         send_bytes(fd_, text);
}

/// @returns false if nothing came.
bool MessageSocket::read_more(int flags) {
  std::array<char, 65536> bytes;
  ssize_t count = 0;
  do {
    count = ::recv(fd_, bytes.data(), bytes.size(), flags);
  } while (count < 0 && errno == EINTR);
  is_closed_ = count == 0 || (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
  if (count > 0) buffer_.append(bytes.data(), static_cast<std::size_t>(count));
  return count > 0;
}

std::optional<std::string> MessageSocket::next() {
  Length length = 0;
  while (true) {
    if (buffer_.size() >= sizeof length) {
      memcpy(&length, buffer_.data(), sizeof length);
      if (buffer_.size() - sizeof length >= length) break;
    }
    if (!read_more(MSG_DONTWAIT)) return std::nullopt;
  }
  std::string text = buffer_.substr(sizeof length, length);
  buffer_.erase(0, sizeof length + length);
  return text;
}

std::optional<std::string> MessageSocket::wait() {
  while (true) {
    if (auto text = next()) return text;
    if (is_closed_) return std::nullopt;
    (void)read_more(0);
  }
}

void MessageSocket::wait_for(std::chrono::milliseconds patience) const {
  pollfd ready{fd_, POLLIN, 0};
  (void)poll(&ready, 1, static_cast<int>(patience.count()));
}

}  // namespace crosstrace
