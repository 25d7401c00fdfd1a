// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <caffe2/serialize/file_adapter.h>
#include <caffe2/serialize/inline_container.h>
#include <crosstrace/repair/detail/archive_file.h>

#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace crosstrace::detail {
namespace fs = std::filesystem;

torch::jit::ExtraFilesMap extra_files(const std::string& archive) {
  constexpr std::string_view kFolder = "extra/";
  caffe2::serialize::PyTorchStreamReader reader(
      std::make_unique<caffe2::serialize::FileAdapter>(archive));
  torch::jit::ExtraFilesMap files;
  for (const std::string& record : reader.getAllRecords()) {
    if (!record.starts_with(kFolder)) continue;
    const auto [data, size] = reader.getRecord(record);
    files.emplace(record.substr(kFolder.size()),
                  std::string(static_cast<const char*>(data.get()), size));
  }
  return files;
}

void save(const torch::jit::Module& module, const torch::jit::ExtraFilesMap& extra,
          const PendingFile& file) {
  errno = 0;
  std::ofstream stream(file.path(), std::ios::binary | std::ios::trunc);
  if (!stream) file.refuse(last_error());
  module.save(stream, extra);
  stream.close();
  if (!stream) file.refuse(last_error());
}

void copy(const std::string& archive, const PendingFile& file) {
  std::error_code error;
  fs::copy_file(archive, file.path(), error);
  if (error) file.refuse(error);
}

void require_ordinary_file(const fs::path& target) {
  std::error_code ignored;
  const auto status = fs::status(target, ignored);
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    throw std::runtime_error("cannot write " + target.string() + ": it is no ordinary file");
  }
}

}  // namespace crosstrace::detail
