// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <caffe2/serialize/inline_container.h>
#include <crosstrace/archive/archive_check.h>
#include <crosstrace/archive/detail/code_check.h>
#include <crosstrace/archive/detail/file_kind.h>
#include <crosstrace/archive/detail/pickle_check.h>
#include <crosstrace/archive/detail/read_record.h>
#include <crosstrace/archive/detail/zip_directory.h>
#include <torch/version.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>

namespace crosstrace {
namespace {

using detail::ZipEntry;
using File = std::shared_ptr<caffe2::serialize::ReadAdapterInterface>;

// LibTorch stores records unpacked, so that their sizes add up to less than the file's. An archive
// that was packed anew may unpack to more, but no program and no weights to this many times more.
constexpr std::uint64_t kLargestRatio = 20;

/// What is said of a file that torch.jit.save did write.
struct Unreadable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

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

void check_kind(const File& file, const std::vector<std::string>& names) {
  const auto has = [&](const char* name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (has("data.pkl") && has("constants.pkl")) return;
  if (const std::string kind = detail::kind_of_archive(names); !kind.empty()) refuse(kind);
  if (has("model.json")) {
    throw Unreadable(
        "it is of file format 1, as PyTorch 1.0 and 1.1 wrote it (model.json), which LibTorch no "
        "longer reads; load it with PyTorch 1.4 and save it anew");
  }
  if (!has("data.pkl")) refuse("it is a zip archive, but has no record data.pkl");
  caffe2::serialize::PyTorchStreamReader reader(file);
  refuse(detail::kind_of_pickle(detail::read_record(reader, "data.pkl")));
}

/// `Attempted to read a PyTorch file with version 11, but the maximum supported version for reading
/// is 10.` says that in LibTorch's words.
std::string newer_format(const std::string& message) {
  constexpr std::string_view kVersion = "with version ",
                             kGreatest = "maximum supported version for reading is ";
  const std::size_t version = message.find(kVersion), greatest = message.find(kGreatest);
  if (version == message.npos || greatest == message.npos) return "";
  const auto number = [&](std::size_t at) {
    return message.substr(at, message.find_first_not_of("0123456789", at) - at);
  };
  return "it is of file format " + number(version + kVersion.size()) +
         ", and LibTorch " TORCH_VERSION " reads up to " + number(greatest + kGreatest.size()) +
         "; use a newer LibTorch, or save it with an older PyTorch";
}

bool is_read_by_a_load(const std::string& name) {
  return name == "data.pkl" || name == "constants.pkl" || name.ends_with(".debug_pkl") ||
         name == "attributes.pkl";  // Of those with a model.json.
}

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

bool is_code(const std::string& name) { return name.starts_with("code/") && name.ends_with(".py"); }

void check_codes(const File& file, const std::vector<std::string>& names) {
  caffe2::serialize::PyTorchStreamReader reader(file);
  for (const auto& name : names) {
    if (!is_code(name)) continue;
    const auto [data, size] = reader.getRecord(name);
    detail::check_code({static_cast<const char*>(data.get()), size}, name);
  }
}

void check_start(const caffe2::serialize::ReadAdapterInterface& file) {
  std::string start(std::min<std::size_t>(file.size(), 64), '\0');
  file.read(0, start.data(), start.size(), "its first bytes");
  if (const std::string kind = detail::kind_of_file(start); !kind.empty()) refuse(kind);
}

void check(const File& file) {
  check_start(*file);
  const auto entries = detail::read_zip_directory(*file);
  check_sizes(entries, file->size());
  const auto names = record_names(entries);
  check_kind(file, names);
  check_pickles(file, names);
  check_codes(file, names);
}

}  // namespace

void check_archive(const std::shared_ptr<caffe2::serialize::ReadAdapterInterface>& file,
                   const std::string& path) {
  const auto refuse_archive = [&](const std::string& what) {
    refuse("cannot read archive " + path + ": " + what);
  };
  try {
    check(file);
  } catch (const Unreadable& error) {
    refuse_archive(error.what());
  } catch (const c10::Error& error) {
    const std::string text = error.what_without_backtrace();
    const std::string newer = newer_format(text);
    refuse_archive(newer.empty() ? text.substr(0, text.find('\n')) : newer);
  } catch (const std::logic_error&) {  // Of std::stoull, inside LibTorch.
    refuse_archive("its version is no number that LibTorch knows");
  } catch (const std::exception& error) {
    refuse_archive(std::string(error.what()) + "; expected a file that torch.jit.save wrote");
  }
}

}  // namespace crosstrace
