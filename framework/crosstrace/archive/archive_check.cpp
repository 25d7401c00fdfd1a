// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <caffe2/serialize/inline_container.h>
#include <crosstrace/archive/archive_check.h>
#include <crosstrace/archive/detail/pickle_check.h>
#include <crosstrace/archive/detail/zip_directory.h>

#include <algorithm>
#include <stdexcept>

namespace crosstrace {
namespace {

using detail::ZipEntry;

// LibTorch stores records unpacked, so that their sizes add up to less than the file's. An archive
// that was packed anew may unpack to more, but no program and no weights to this many times more.
constexpr std::uint64_t kLargestRatio = 20;

[[noreturn]] void refuse(const std::string& what) { throw std::runtime_error(what); }

void check_sizes(const std::vector<ZipEntry>& entries, std::uint64_t file_bytes) {
  // Compared one by one, since a sum of lies may wrap around.
  std::uint64_t left = file_bytes * kLargestRatio;
  for (const ZipEntry& entry : entries) {
    if (entry.bytes > left) {
      refuse("its records unpack to more than " + std::to_string(kLargestRatio) +
             " times the size of the file, at " + entry.name);
    }
    left -= entry.bytes;
  }
}

/// Names within the archive's own folder, which the first entry tells.
std::vector<std::string> record_names(const std::vector<ZipEntry>& entries) {
  if (entries.empty()) refuse("it is a zip archive with nothing in it");
  const auto& first = entries.front().name;
  const auto root = first.substr(0, first.find('/') + 1);
  std::vector<std::string> names;
  for (const ZipEntry& entry : entries) {
    if (entry.name.starts_with(root)) names.push_back(entry.name.substr(root.size()));
  }
  return names;
}

void check_kind(const std::vector<std::string>& names) {
  const auto has = [&](const char* name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (has("data.pkl") && has("constants.pkl")) return;
  if (has("model.json")) return;  // As PyTorch 1.0 wrote them; LibTorch still reads those.
  refuse(has("data.pkl") ? "it holds values that torch.save wrote, and no program"
                         : "it is a zip archive, but has no record data.pkl");
}

bool is_read_by_a_load(const std::string& name) {
  return name == "data.pkl" || name == "constants.pkl" || name.ends_with(".debug_pkl");
}

using File = std::shared_ptr<caffe2::serialize::ReadAdapterInterface>;

void check_pickles(const File& file, const std::vector<std::string>& names) {
  caffe2::serialize::PyTorchStreamReader reader(file);
  for (const auto& name : names) {
    if (!is_read_by_a_load(name)) continue;
    const auto [data, size] = reader.getRecord(name);
    try {
      detail::check_pickle({static_cast<const char*>(data.get()), size});
    } catch (const std::runtime_error& error) {
      refuse("its record " + name + " is broken: " + error.what());
    }
  }
}

void check(const File& file) {
  const auto entries = detail::read_zip_directory(*file);
  check_sizes(entries, file->size());
  const auto names = record_names(entries);
  check_kind(names);
  check_pickles(file, names);
}

}  // namespace

void check_archive(const std::shared_ptr<caffe2::serialize::ReadAdapterInterface>& file,
                   const std::string& path) {
  const auto refuse_archive = [&](const std::string& what) {
    refuse("cannot read archive " + path + ": " + what);
  };
  try {
    check(file);
  } catch (const c10::Error& error) {
    const std::string text = error.what_without_backtrace();
    refuse_archive(text.substr(0, text.find('\n')));
  } catch (const std::logic_error&) {  // Of std::stoull, inside LibTorch.
    refuse_archive("its version is no number that LibTorch knows");
  } catch (const std::exception& error) {
    refuse_archive(std::string(error.what()) + "; expected a file that torch.jit.save wrote");
  }
}

}  // namespace crosstrace
