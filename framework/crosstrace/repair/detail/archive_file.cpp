// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <caffe2/serialize/file_adapter.h>
#include <caffe2/serialize/inline_container.h>
#include <crosstrace/repair/detail/archive_file.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace crosstrace::detail {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& path, const std::error_code& error) {
  throw std::runtime_error("cannot write " + path.string() + ": " + error.message());
}

/// A symbolic link stays one: what it points to is replaced.
fs::path target_of(const fs::path& path) {
  std::error_code ignored;
  const auto target = fs::canonical(path, ignored);
  return ignored ? path : target;
}

/// Of this process and call, so that two repairs do not meet.
fs::path temporary_name(const fs::path& target) {
  static std::atomic<int> count{0};
  fs::path path = target;
  path += ".part" + std::to_string(::getpid()) + "_" + std::to_string(++count);
  return path;
}

}  // namespace

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

PendingFile::PendingFile(fs::path target)
    : target_(target_of(target)), path_(temporary_name(target_).string()) {
  std::error_code error;
  if (const auto status = fs::status(target_, error);
      fs::exists(status) && !fs::is_regular_file(status)) {
    throw std::runtime_error("cannot write " + target_.string() + ": it is no ordinary file");
  }
}

PendingFile::~PendingFile() {
  std::error_code ignored;
  fs::remove(path_, ignored);
}

void PendingFile::save(const torch::jit::Module& module, const torch::jit::ExtraFilesMap& extra) {
  errno = 0;
  std::ofstream file(path_, std::ios::binary | std::ios::trunc);
  if (!file) refuse(target_, std::error_code(errno, std::generic_category()));
  module.save(file, extra);
  file.close();
  if (!file) {
    refuse(target_, errno != 0 ? std::error_code(errno, std::generic_category())
                               : std::make_error_code(std::errc::io_error));
  }
}

void PendingFile::copy_of(const std::string& archive) {
  std::error_code error;
  fs::copy_file(archive, path_, error);
  if (error) refuse(target_, error);
}

void PendingFile::keep() {
  std::error_code error;
  fs::rename(path_, target_, error);
  if (error) refuse(target_, error);
}

}  // namespace crosstrace::detail
