// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What all cells of a run share: exports and references are made once.
#pragma once

#include <ATen/core/ivalue.h>
#include <crosstrace/compare/tolerance.h>
#include <crosstrace/diagnose/diagnosis.h>
#include <crosstrace/export/export.h>
#include <crosstrace/matrix/crash_guard.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
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

/// What tells the cells of one export apart.
using TransferAndDevice = std::pair<Transfer, std::string>;

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

  /// What rules say of the export that `any_cell` runs, with predictions for `cells` at the least.
  /// Made when it is first asked for, and anew only for cells that it does not predict yet; ids of
  /// findings stay the same.
  /// @throws std::runtime_error if there is no export.
  const Diagnosis& diagnosis(const Model& model, const CellId& any_cell,
                             const std::vector<TransferAndDevice>& cells);

  /// How traces of the model differ by device, sizes and dtype. Made when a cell of the model first
  /// asks for it, on its devices, the CPU and the simulated device, and kept.
  const std::vector<Finding>& trace_differences(const Model& model, const CellId& cell);

  /// Of every export that was diagnosed so far, one after the other, and differences of traces.
  const std::vector<Finding>& findings() const noexcept { return findings_; }

 private:
  RunOptions options_;
  std::map<std::string, Reference> references_;
  std::map<std::tuple<std::string, ExportKind, std::string>, ExportResult> exports_;
  std::map<std::tuple<std::string, ExportKind, std::string>, Diagnosis> diagnoses_;
  std::map<std::string, std::vector<Finding>> differences_;
  std::vector<Finding> findings_;
};

}  // namespace crosstrace
