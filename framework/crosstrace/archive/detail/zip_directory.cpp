// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/archive/detail/little_endian.h>
#include <crosstrace/archive/detail/zip_directory.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>

namespace crosstrace::detail {
namespace {

// Where fields lie, in bytes from a record's signature: PKWARE's APPNOTE 4.3.12 to 4.3.16.
constexpr std::size_t kEndBytes = 22;
constexpr std::size_t kLocatorBytes = 20;
constexpr std::size_t kEnd64Bytes = 56;
constexpr std::size_t kEntryBytes = 46;
constexpr std::size_t kLongestComment = 0xFFFF;
constexpr std::uint64_t kElsewhere = 0xFFFFFFFF;  // The number is in the extension for 64 bits.

[[noreturn]] void refuse() { throw std::runtime_error("it is no zip archive, or it is cut short"); }

std::uint64_t number(std::string_view bytes, std::size_t at, std::size_t size) {
  if (at > bytes.size() || size > bytes.size() - at) refuse();
  return little_endian(bytes.substr(at, size));
}

using File = caffe2::serialize::ReadAdapterInterface;

std::string read(const File& file, std::uint64_t at, std::uint64_t size) {
  if (at > file.size() || size > file.size() - at) refuse();
  std::string bytes(size, '\0');
  if (file.read(at, bytes.data(), size, "the directory of an archive") != size) refuse();
  return bytes;
}

struct Extent {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

Extent place_of_directory(const File& file) {
  const auto tail_size = std::min<std::uint64_t>(file.size(), kEndBytes + kLongestComment);
  const auto tail_at = file.size() - tail_size;
  const std::string tail = read(file, tail_at, tail_size);
  const auto end = tail.rfind("PK\x05\x06");
  if (end == std::string::npos) refuse();
  const Extent place{number(tail, end + 16, 4), number(tail, end + 12, 4)};
  if (place.offset != kElsewhere && place.size != kElsewhere) return place;
  if (tail_at + end < kLocatorBytes) refuse();
  const auto locator = read(file, tail_at + end - kLocatorBytes, kLocatorBytes);
  if (!locator.starts_with("PK\x06\x07")) return place;
  const auto end64 = read(file, number(locator, 8, 8), kEnd64Bytes);
  return {number(end64, 48, 8), number(end64, 40, 8)};
}

/// The extension holds 64-bit numbers for those fields, in this order, that say `elsewhere`.
void read_extension(std::string_view extra, ZipEntry& entry) {
  for (std::size_t at = 0; at + 4 <= extra.size();) {
    const auto size = number(extra, at + 2, 2);
    if (number(extra, at, 2) == 1) {
      std::size_t field = at + 4;
      for (auto* value : {&entry.bytes, &entry.packed_bytes}) {
        if (*value != kElsewhere) continue;
        *value = number(extra, field, 8);
        field += 8;
      }
      return;
    }
    at += 4 + size;
  }
}

}  // namespace

std::vector<ZipEntry> read_zip_directory(const caffe2::serialize::ReadAdapterInterface& file) {
  const auto place = place_of_directory(file);
  const auto directory = read(file, place.offset, place.size);
  std::vector<ZipEntry> entries;
  for (std::size_t at = 0; at < directory.size();) {
    const auto name_size = number(directory, at + 28, 2),
               extra_size = number(directory, at + 30, 2);
    const auto next = at + kEntryBytes + name_size + extra_size + number(directory, at + 32, 2);
    if (directory.compare(at, 4, "PK\x01\x02") != 0 || next > directory.size()) refuse();
    ZipEntry entry{directory.substr(at + kEntryBytes, name_size), number(directory, at + 20, 4),
                   number(directory, at + 24, 4), directory.substr(at, next - at)};
    read_extension(std::string_view(directory).substr(at + kEntryBytes + name_size, extra_size),
                   entry);
    entries.push_back(std::move(entry));
    at = next;
  }
  return entries;
}

}  // namespace crosstrace::detail
