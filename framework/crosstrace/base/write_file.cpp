// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/pending_file.h>
#include <crosstrace/base/write_file.h>

#include <cerrno>
#include <fstream>
#include <system_error>

namespace crosstrace {
namespace {

namespace fs = std::filesystem;

bool try_write(const fs::path& path, std::string_view content) {
  errno = 0;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  return file.good();
}

}  // namespace

void write_file(const fs::path& path, std::string_view content) {
  std::error_code ignored;
  const auto status = fs::status(path, ignored);
  PendingFile pending(path);
  const bool in_place = fs::exists(status) && !fs::is_regular_file(status);
  if (!try_write(in_place ? path : fs::path(pending.path()), content)) pending.refuse(last_error());
  if (!in_place) pending.keep();
}

}  // namespace crosstrace
