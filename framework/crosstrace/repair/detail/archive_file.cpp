// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <caffe2/serialize/inline_container.h>
#include <crosstrace/repair/detail/archive_file.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <system_error>

namespace crosstrace::detail {
namespace fs = std::filesystem;

constexpr std::size_t kBlock = 1024 * 1024;

torch::jit::ExtraFilesMap extra_files(const Archive& archive) {
  constexpr std::string_view kFolder = "extra/";
  caffe2::serialize::PyTorchStreamReader reader(archive.file());
  torch::jit::ExtraFilesMap files;
  for (const std::string& record : reader.getAllRecords()) {
    if (!record.starts_with(kFolder)) continue;
    const auto [data, size] = reader.getRecord(record);
    files.emplace(record.substr(kFolder.size()),
                  std::string(static_cast<const char*>(data.get()), size));
  }
  return files;
}

namespace {

void write(const PendingFile& file, const std::function<void(std::ostream&)>& write_all) {
  errno = 0;
  std::ofstream stream(file.path(), std::ios::binary | std::ios::trunc);
  if (!stream) file.refuse(last_error());
  write_all(stream);
  stream.close();
  if (!stream) file.refuse(last_error());
}

}  // namespace

void save(const torch::jit::Module& module, const torch::jit::ExtraFilesMap& extra,
          const Bytecode& bytecode, const PendingFile& file) {
  write(file, [&](std::ostream& stream) {
    bytecode.is_there ? module._save_for_mobile(stream, extra, bytecode.has_debug_info)
                      : module.save(stream, extra);
  });
}

void copy(const Archive& archive, const PendingFile& file) {
  const auto source = archive.file();
  write(file, [&](std::ostream& stream) {
    std::string block(kBlock, '\0');
    for (std::size_t at = 0; at < source->size() && stream; at += kBlock) {
      const std::size_t size = std::min(kBlock, source->size() - at);
      if (source->read(at, block.data(), size, "an archive") != size) {
        stream.setstate(std::ios::failbit);
      }
      stream.write(block.data(), static_cast<std::streamsize>(size));
    }
  });
}

void require_ordinary_file(const fs::path& target) {
  std::error_code ignored;
  const auto status = fs::status(target, ignored);
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    throw std::runtime_error("cannot write " + target.string() + ": it is no ordinary file");
  }
}

}  // namespace crosstrace::detail
