// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What all cells of a run share: exports and references are made once.
#pragma once

#include <ATen/core/ivalue.h>
#include <crosstrace/compare/tolerance.h>
#include <crosstrace/export/export.h>
#include <crosstrace/matrix/guard.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace crosstrace {

struct RunOptions {
  std::uint64_t seed = 0;
  int runs =
      3;  ///< Calls of each input set in each cell; known defects begin at the second or third.
  std::optional<Tolerance> tolerance;  ///< Instead of the model's own.
  std::vector<std::string> required;   ///< Devices that must not be absent.
  std::optional<c10::IValue>
      expected;  ///< What the first input set must give, instead of running a reference.
};

/// The answers of the model on the CPU, or why there are none.
struct Reference {
  std::vector<std::vector<c10::IValue>>
      outputs;  ///< By input set, then by call (a model may have state).
  std::optional<Failure> failure;
  std::string untrusted;  ///< Why comparing with it would prove nothing; empty if it would.
};

/// An export or why there is none.
struct ExportResult {
  std::optional<Export> value;
  std::optional<Failure> failure;
};

/// Not for use by several threads.
class Session {
 public:
  /// @throws std::invalid_argument if `options.runs` is less than 1.
  explicit Session(RunOptions options);

  const RunOptions& options() const noexcept { return options_; }

  /// Made at the first call for a model, kept from then on.
  const Reference& reference(const Model& model);

  /// Made at the first call for a model, kind and device, kept from then on.
  const ExportResult& exported(const Model& model, ExportKind kind,
                               const std::string& trace_device);

 private:
  RunOptions options_;
  std::map<std::string, Reference> references_;
  std::map<std::tuple<std::string, ExportKind, std::string>, ExportResult> exports_;
};

}  // namespace crosstrace
