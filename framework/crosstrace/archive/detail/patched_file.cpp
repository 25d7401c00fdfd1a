// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/archive/detail/patched_file.h>
#include <crosstrace/archive/detail/zip_directory.h>

#include <algorithm>
#include <cstring>
#include <utility>

// The layout of headers: PKWARE's APPNOTE 4.3.7 and 4.3.12 to 4.3.16.
namespace crosstrace::detail {
namespace {

constexpr std::uint64_t kElsewhere = 0xFFFFFFFF;  // The number is in the extension for 64 bits.
constexpr std::uint64_t kVersion = 45;            // Of the format: with that extension.

/// A little-endian number.
std::string little(std::uint64_t value, std::size_t bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes; ++i) text += static_cast<char>(value >> 8 * i);
  return text;
}

/// CRC-32 as zip has it (IEEE 802.3, reflected).
std::uint32_t crc32(const std::string& data) {
  std::uint32_t crc = ~0U;
  for (const char byte : data) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1U ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

/// What the headers in front of a record and in the directory share: not packed, no date.
std::string description(const std::string& name, const std::string& data, std::size_t extra) {
  return little(kVersion, 2) + little(0, 2) + little(0, 2) + little(0, 4) + little(crc32(data), 4) +
         little(data.size(), 4) + little(data.size(), 4) + little(name.size(), 2) +
         little(extra, 2);
}

std::string record(const std::string& name, const std::string& data) {
  return "PK\x03\x04" + description(name, data, 0) + name + data;
}

std::string entry(const std::string& name, const std::string& data, std::uint64_t at) {
  const std::string extra = at < kElsewhere ? "" : little(1, 2) + little(8, 2) + little(at, 8);
  return "PK\x01\x02" + little(kVersion, 2) + description(name, data, extra.size()) + little(0, 2) +
         little(0, 2) + little(0, 2) + little(0, 4) + little(std::min(at, kElsewhere), 4) + name +
         extra;
}

/// The end of a directory of `bytes` at `at`, in 64 bits and in 32.
std::string directory_end(std::uint64_t count, std::uint64_t bytes, std::uint64_t at) {
  const std::string end64 = "PK\x06\x06" + little(44, 8) + little(kVersion, 2) +
                            little(kVersion, 2) + little(0, 4) + little(0, 4) + little(count, 8) +
                            little(count, 8) + little(bytes, 8) + little(at, 8);
  const std::string locator = "PK\x06\x07" + little(0, 4) + little(at + bytes, 8) + little(1, 4);
  const std::string short_count = little(std::min<std::uint64_t>(count, 0xFFFF), 2);
  return end64 + locator + "PK\x05\x06" + little(0, 2) + little(0, 2) + short_count + short_count +
         little(std::min(bytes, kElsewhere), 4) + little(std::min(at, kElsewhere), 4) +
         little(0, 2);
}

}  // namespace

PatchedFile::PatchedFile(std::shared_ptr<caffe2::serialize::ReadAdapterInterface> file,
                         const std::map<std::string, std::string>& records)
    : file_(std::move(file)) {
  std::string directory;
  const auto entries = read_zip_directory(*file_);
  for (const ZipEntry& old : entries) {
    const auto patch = records.find(old.name);
    if (patch == records.end()) {
      directory += old.raw;
      continue;
    }
    directory += entry(old.name, patch->second, file_->size() + added_.size());
    added_ += record(old.name, patch->second);
  }
  const std::uint64_t at = file_->size() + added_.size();
  added_ += directory + directory_end(entries.size(), directory.size(), at);
}

std::size_t PatchedFile::read(std::uint64_t at, void* buffer, std::size_t size,
                              const char* what) const {
  std::size_t done = 0;
  if (at < file_->size()) {
    done = std::min<std::size_t>(size, file_->size() - at);
    if (file_->read(at, buffer, done, what) != done || done == size) return done;
  }
  const std::uint64_t start = at + done - file_->size();
  if (start >= added_.size()) return done;
  const std::size_t rest = std::min<std::size_t>(size - done, added_.size() - start);
  std::memcpy(static_cast<char*>(buffer) + done, added_.data() + start, rest);
  return done + rest;
}

}  // namespace crosstrace::detail
