// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/pending_file.h>
#include <crosstrace/base/write_file.h>
#include <crosstrace/report/growing_report.h>
#include <crosstrace/report/json.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <utility>

namespace crosstrace {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& path) {
  throw std::runtime_error("cannot write " + path.string() + ": " + last_error().message());
}

void make_folder_of(const std::filesystem::path& path) {
  if (!path.has_parent_path()) return;
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  if (error) throw std::runtime_error("cannot write " + path.string() + ": " + error.message());
}

}  // namespace

GrowingReport::GrowingReport(std::filesystem::path path, Report head)
    : path_(std::move(path)), report_(std::move(head)) {
  report_.cells.clear();
  make_folder_of(path_);
  write_file(path_, to_json(report_));
  file_ = ::open(path_.c_str(), O_WRONLY | O_CLOEXEC);
  if (file_ < 0) refuse(path_);
  const JsonFrame frame = to_json_frame(report_);
  settled_ = frame.head.size();
  written_ = frame.head.size() + frame.tail.size();
}

GrowingReport::~GrowingReport() { ::close(file_); }

void GrowingReport::begin(CellResult running) {
  running.verdict = Verdict::kCrashed;
  running.message = "its process ended while this cell ran";
  report_.cells.push_back(std::move(running));
  (void)write_last();
  report_.cells.pop_back();
}

void GrowingReport::end(const CellResult& result) {
  report_.cells.push_back(result);
  settled_ += write_last();
}

/// Writes the last cell behind those that stay, and all after the cells. @returns its bytes.
std::size_t GrowingReport::write_last() {
  const std::string cell =
      (report_.cells.size() > 1 ? "," : "") + ("\n" + to_json(report_.cells.back()));
  std::string text = cell + to_json_frame(report_).tail;
  const std::size_t end = settled_ + text.size();
  // Nothing is cut off, for between two calls of the system the file would be none. Blanks may
  // follow.
  if (end < written_) text.append(written_ - end, '\n');
  written_ = settled_ + text.size();
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t count = ::pwrite(file_, text.data() + done, text.size() - done,
                                   static_cast<off_t>(settled_ + done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) refuse(path_);
    done += static_cast<std::size_t>(count);
  }
  return cell.size();
}

void GrowingReport::finish(std::vector<DeviceInfo> devices, std::vector<Finding> findings) {
  report_.devices = std::move(devices);
  report_.findings = std::move(findings);
  write_file(path_, to_json(report_));
}

}  // namespace crosstrace
