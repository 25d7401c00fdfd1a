// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/report/write_file.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>

namespace crosstrace {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& path, const std::error_code& error) {
  throw std::runtime_error("cannot write " + path.string() + ": " + error.message());
}

// Zero where the library failed without telling the system's reason.
std::error_code last_error() {
  return errno != 0 ? std::error_code(errno, std::generic_category())
                    : std::make_error_code(std::errc::io_error);
}

bool try_write(const fs::path& path, std::string_view content) {
  errno = 0;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  return file.good();
}

// A symbolic link stays one: what it points to is replaced.
fs::path target_of(const fs::path& path) {
  std::error_code ignored;
  const auto target = fs::canonical(path, ignored);
  return ignored ? path : target;
}

}  // namespace

void write_file(const fs::path& path, std::string_view content) {
  std::error_code error;
  const auto status = fs::status(path, error);
  const bool in_place = fs::exists(status) && !fs::is_regular_file(status);
  if (in_place) {
    if (!try_write(path, content)) refuse(path, last_error());
    return;
  }
  const auto target = target_of(path);
  auto temporary = target;
  temporary += ".part" + std::to_string(::getpid());
  if (!try_write(temporary, content)) {
    const auto reason = last_error();
    fs::remove(temporary, error);
    refuse(path, reason);
  }
  fs::rename(temporary, target, error);
  if (!error) return;
  const auto reason = error;
  fs::remove(temporary, error);
  refuse(path, reason);
}

}  // namespace crosstrace
