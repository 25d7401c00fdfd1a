// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What became of one cell.
///
///     crosstrace::CellResult result;
///     result.verdict = crosstrace::Verdict::kMismatch;
///     result.message = "output: 1 of 6 elements differs";
///     if (crosstrace::outcome(result) == crosstrace::Outcome::kFailed)
///       std::cout << result.message << '\n';  // prints output: 1 of 6 elements differs
#pragma once

#include <crosstrace/compare/comparison.h>
#include <crosstrace/models/cell_id.h>
#include <crosstrace/models/verdict.h>
#include <crosstrace/observe/placement_proof.h>

#include <optional>
#include <string>
#include <vector>

namespace crosstrace {

/// What a cell counts as in a summary and in an exit code.
enum class Outcome { kPassed, kFailed, kSkipped, kUntrusted };

/// How far the answers of an export that runs in TF32 are from its strict ones on one device.
struct PrecisionEffect {
  double max_abs = 0;  ///< Greatest finite |as exported - strict|, over all outputs.
  double max_rel = 0;  ///< Greatest finite |as exported - strict| / |strict|.
};

/// In words: `TF32 is allowed, and moves these answers by up to 0.00123 (relative 0.0456)`.
std::string describe(const PrecisionEffect& effect);

/// One row of every report.
struct CellResult {
  CellId id;
  Verdict verdict = Verdict::kError;
  /// Its first line stands alone in a table. Empty for a match within rtol and atol that stayed on
  /// the run device.
  std::string message;
  bool raised = false;  ///< Of an error: a script's own `raise` or `assert` made it.
  std::vector<LeafComparison> outputs;  ///< Of the call that decided; empty if no call returned.
  /// Of a strict cell on a CUDA or simulated device whose export would run in TF32 as it is.
  std::optional<PrecisionEffect> as_exported = std::nullopt;
  std::vector<std::string> causes;  ///< Ids of the findings that explain a failure.
  PlacementProof placement;         ///< Of all calls; empty if there was none.
  double duration_ms = 0;           ///< Transfer and all calls, wall clock, milliseconds.

  /// What the model says this cell fails of; empty where it should match. A cell that fails so
  /// counts as passed, one that matches all the same counts as failed.
  std::string expected_failure;

  /// Set by the matrix where `expected_failure` is declared and the cell failed in just that way.
  bool failed_as_expected = false;

  /// The line for a shell that runs this cell again as it ran; empty where there is none.
  std::string repeat = {};
  /// The test of a program's own that was made of the cell, such as `BatchOrder.Keeps`; empty for the
  /// comparison of the matrix.
  std::string assertion = {};

  /// Where it ran, in a report of several machines that ran the same cell; else empty.
  std::string machine = {};
};

/// `kPassed` for a match and for a failure that was expected; a match that was expected to fail is
/// `kFailed`.
Outcome outcome(const CellResult& result) noexcept;

/// True for a match that rtol and atol alone would have called a mismatch; its message says how it
/// was decided.
bool is_decided_by_evidence(const CellResult& result) noexcept;

}  // namespace crosstrace
