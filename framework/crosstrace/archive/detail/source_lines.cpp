// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/archive/detail/source_lines.h>
#include <torch/csrc/jit/serialization/pickle.h>

#include <memory>

namespace crosstrace::detail {

using torch::jit::Source;
using torch::jit::SourceRange;

/// A source is (text, file, first line); where texts are kept once, the text is a list of numbers
/// and the file a number.
std::shared_ptr<Source> SourceLines::source_of(const c10::IValue& value) {
  auto& source = sources_[value.toTuple().get()];
  if (source) return source;
  const auto& parts = value.toTupleRef().elements();
  TORCH_CHECK(parts.size() == 3, "a source of ", parts.size(), " parts");
  std::string text;
  std::optional<std::string> file;
  if (texts_.empty()) {
    text = parts[0].toStringRef();
    file = parts[1].toOptional<std::string>();
  } else {
    for (const c10::IValue& piece : parts[0].toListRef()) text += texts_.at(piece.toInt());
    file = texts_.at(parts[1].toInt());
  }
  source = std::make_shared<Source>(std::move(text), std::move(file), parts[2].toInt());
  return source;
}

/// Each row is (offset, (source, start, end), tag); the tag came later.
void SourceLines::read() {
  const c10::IValue all = torch::jit::unpickle(pickle_.data(), pickle_.size());
  c10::IValue rows = all;
  const auto& parts = all.toTupleRef().elements();
  const bool has_table = !parts.empty() && parts[0].isString() &&
                         parts[0].toStringRef() == torch::jit::kFormatWithStringTable;
  if (has_table) {
    for (const c10::IValue& text : parts.at(1).toTupleRef().elements()) {
      texts_.push_back(text.toStringRef());
    }
    rows = parts.at(2);
  }
  for (const c10::IValue& row : rows.toTupleRef().elements()) {
    const auto& columns = row.toTupleRef().elements();
    const auto& range = columns.at(torch::jit::kSourceRangeIndex).toTupleRef().elements();
    ranges_.insert_or_assign(
        columns.at(torch::jit::kByteOffsetIndex).toInt(),
        SourceRange(source_of(range.at(0)), range.at(1).toInt(), range.at(2).toInt()));
  }
}

std::optional<SourceRange> SourceLines::findSourceRangeThatGenerated(const SourceRange& range) {
  if (!is_read_) {
    is_read_ = true;
    read();
  }
  const auto after = ranges_.upper_bound(static_cast<std::int64_t>(range.start()));
  if (after == ranges_.begin()) return std::nullopt;
  return std::prev(after)->second;
}

}  // namespace crosstrace::detail
