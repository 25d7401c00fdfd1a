// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/export/call_stack.h>
#include <crosstrace/graph/source.h>

#include <algorithm>
#include <charconv>
#include <sstream>
#include <system_error>
#include <vector>

namespace crosstrace {
namespace {

using torch::jit::SourceRange;

/// `file(line): function` or `file(line)`, as tracers write it; else all of it is a function.
Frame read_frame(const std::string& text) {
  std::size_t close = text.rfind("): ");
  if (close == std::string::npos && text.ends_with(')')) close = text.size() - 1;
  const std::size_t open = close == std::string::npos ? close : text.rfind('(', close);
  if (open == std::string::npos) return {text, "", 0};
  int line = 0;
  const char* end = text.data() + close;
  const auto number = std::from_chars(text.data() + open + 1, end, line);
  if (number.ptr != end || number.ec != std::errc()) return {text, "", 0};
  return {close + 3 <= text.size() ? text.substr(close + 3) : "", text.substr(0, open), line};
}

/// The call stack that a tracer left, innermost first; empty if the range is some code.
std::vector<Frame> read_stack(const SourceRange& range) {
  const std::string text = range.text().str();
  if (text.size() != range.source()->size() || text.starts_with("def ")) return {};
  std::vector<Frame> frames;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) frames.push_back(read_frame(line));
  }
  return frames;
}

/// What code is in, if that is no file of an author: a text compiled in C++, or code that LibTorch
/// wrote into an archive.
std::string read_origin(const std::string& file) {
  if (file.empty() || file == "<string>") return "the script";
  if (file.starts_with("code/__torch__")) return file + " in the archive";
  return "";
}

Frame read_code(const SourceRange& range) {
  const auto place = range.file_line_col();
  const std::string file = place ? std::get<0>(*place) : "";
  const std::size_t line =
      place ? std::get<1>(*place) : range.source()->lineno_for_offset(range.start()) + 1;
  const std::string origin = read_origin(file);
  if (origin.empty()) return {"", file, static_cast<int>(line)};
  return {"line " + std::to_string(line) + " of " + origin, "", 0};
}

std::vector<Frame> read_range(SourceRange range) {
  if (auto original = range.findSourceRangeThatGenerated()) {
    if (original->source() && original->source()->size() > 0) range = *original;
  }
  if (!range.source() || range.source()->size() == 0) return {};
  std::vector<Frame> frames = read_stack(range);
  if (frames.empty()) frames.push_back(read_code(range));
  return frames;
}

std::vector<Frame> frames_of(const torch::jit::Node& node) {
  std::vector<Frame> frames = read_range(node.sourceRange());
  if (!node.callstack()) return frames;
  auto calls = (*node.callstack())->vec();
  for (auto call = calls.rbegin(); call != calls.rend(); ++call) {
    const std::vector<Frame> outer = read_range(std::get<SourceRange>(*call));
    frames.insert(frames.end(), outer.begin(), outer.end());
  }
  return frames;
}

NodeSource choose(const std::vector<Frame>& frames) {
  const auto is_line = [](const Frame& frame) { return !frame.file.empty(); };
  auto best = std::find_if(frames.begin(), frames.end(), [&](const Frame& frame) {
    return is_line(frame) && !is_library_file(frame.file);
  });
  if (best == frames.end()) best = std::find_if(frames.begin(), frames.end(), is_line);
  if (best != frames.end()) return {SourceLocation{best->file, best->line}, ""};
  return {std::nullopt, frames.empty() ? "" : frames.front().function};
}

}  // namespace

NodeSource source_of(const torch::jit::Node& node) {
  std::vector<Frame> frames = frames_of(node);
  const bool is_nothing = frames.empty() && node.kind() == c10::prim::Constant;
  if (is_nothing && node.hasUses()) frames = frames_of(*node.output()->uses().front().user);
  return choose(frames);
}

NodeSource source_of(const std::vector<SourceRange>& ranges) {
  std::vector<Frame> frames;
  for (const SourceRange& range : ranges) {
    const std::vector<Frame> more = read_range(range);
    frames.insert(frames.end(), more.begin(), more.end());
  }
  return choose(frames);
}

}  // namespace crosstrace
