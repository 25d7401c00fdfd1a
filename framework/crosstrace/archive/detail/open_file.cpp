// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/archive/detail/open_file.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace crosstrace::detail {
namespace {

[[noreturn]] void refuse() { throw std::runtime_error(std::strerror(errno)); }

int open_to_read(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) refuse();
  return descriptor;
}

}  // namespace

OpenFile::OpenFile(const std::string& path) : descriptor_(open_to_read(path)) {
  try {
    struct stat status = {};
    if (::fstat(descriptor_, &status) != 0) refuse();
    char first = 0;
    const ssize_t got = ::pread(descriptor_, &first, 1, 0);  // A folder can be opened, not read.
    if (got < 0) refuse();
    if (got == 0) throw std::runtime_error("the file is empty");
    size_ = static_cast<std::size_t>(status.st_size);
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

OpenFile::~OpenFile() { ::close(descriptor_); }

std::size_t OpenFile::read(std::uint64_t at, void* buffer, std::size_t size, const char*) const {
  if (at >= size_) return 0;
  size = std::min(size, size_ - at);
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = ::pread(descriptor_, static_cast<char*>(buffer) + done, size - done,
                                static_cast<off_t>(at + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) refuse();
    if (got == 0) break;  // The file was cut meanwhile.
    done += static_cast<std::size_t>(got);
  }
  return done;
}

}  // namespace crosstrace::detail
