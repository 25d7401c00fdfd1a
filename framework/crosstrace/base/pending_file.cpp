// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/pending_file.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <stdexcept>

namespace crosstrace {
namespace {

namespace fs = std::filesystem;

fs::path behind_links(const fs::path& path) {
  std::error_code ignored;
  const auto target = fs::canonical(path, ignored);
  return ignored ? path : target;
}

/// Of this process and call, so that two writers do not meet.
std::string temporary_name(const fs::path& target) {
  static std::atomic<int> count{0};
  return target.string() + ".part" + std::to_string(::getpid()) + "_" + std::to_string(++count);
}

}  // namespace

PendingFile::PendingFile(const fs::path& target)
    : name_(target), target_(behind_links(target)), path_(temporary_name(target_)) {}

PendingFile::~PendingFile() {
  std::error_code ignored;
  fs::remove(path_, ignored);
}

void PendingFile::keep() {
  std::error_code error;
  fs::rename(path_, target_, error);
  if (error) refuse(error);
}

void PendingFile::refuse(std::error_code error) const {
  if (!error) error = std::make_error_code(std::errc::io_error);
  throw std::runtime_error("cannot write " + name_.string() + ": " + error.message());
}

std::error_code last_error() { return {errno, std::generic_category()}; }

}  // namespace crosstrace
