// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What became of one cell.
///
///     const crosstrace::CellResult result = cell.run();
///     if (crosstrace::outcome(result) == crosstrace::Outcome::kFailed) std::cerr << result.message
///     << '\n';
#pragma once

#include <crosstrace/compare/comparison.h>
#include <crosstrace/models/cell_id.h>
#include <crosstrace/models/verdict.h>
#include <crosstrace/observe/placement_proof.h>

#include <string>
#include <vector>

namespace crosstrace {

/// What a cell counts as in a summary and in an exit code.
enum class Outcome { kPassed, kFailed, kSkipped, kUntrusted };

/// One row of every report.
struct CellResult {
  CellId id;
  Verdict verdict = Verdict::kError;
  /// Its first line stands alone in a table. Empty for a match that stayed on the run device.
  std::string message;
  std::vector<LeafComparison> outputs;  ///< Of the call that decided; empty if no call returned.
  std::vector<std::string> causes;      ///< Ids of the findings that explain a failure.
  PlacementProof placement;             ///< Of all calls; empty if there was none.
  double duration_ms = 0;               ///< Transfer and all calls, wall clock, milliseconds.

  /// What the model says this cell fails of; empty where it should match. A cell that fails so
  /// counts as passed, one that matches all the same counts as failed.
  std::string expected_failure;

  /// Set by the matrix where `expected_failure` is declared and the cell failed in just that way.
  bool failed_as_expected = false;
};

/// `kPassed` for a match and for a failure that was expected; a match that was expected to fail is
/// `kFailed`.
Outcome outcome(const CellResult& result) noexcept;

}  // namespace crosstrace
