// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The author's lines behind the code in an archive. For use inside archive/ only.
#pragma once

#include <ATen/core/ivalue.h>
#include <torch/csrc/jit/serialization/source_range_serialization.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crosstrace::detail {

/// Reads a `.debug_pkl` record, at the first question. LibTorch has one such class
/// (torch/csrc/jit/serialization/source_range_serialization_impl.h), which it does not export.
class SourceLines : public torch::jit::SourceRangeUnpickler {
 public:
  explicit SourceLines(std::string pickle) : pickle_(std::move(pickle)) {}

  /// The range that stands at the greatest offset which is no greater than that of `range`.
  /// @throws c10::Error if the record is none that LibTorch writes.
  std::optional<torch::jit::SourceRange> findSourceRangeThatGenerated(
      const torch::jit::SourceRange& range) override;

 private:
  void read();
  std::shared_ptr<torch::jit::Source> source_of(const c10::IValue& value);

  std::string pickle_;
  bool is_read_ = false;
  std::vector<std::string> texts_;  ///< Of the format that keeps each text once.
  std::map<const void*, std::shared_ptr<torch::jit::Source>> sources_;
  std::map<std::int64_t, torch::jit::SourceRange> ranges_;  ///< By offset in the code.
};

}  // namespace crosstrace::detail
