// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What `find_first_difference` is asked and tells.
#pragma once

#include <ATen/core/ivalue.h>
#include <crosstrace/compare/tolerance.h>
#include <crosstrace/models/source_location.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace crosstrace {

struct DifferenceOptions {
  std::string run_device;              ///< Of the side that failed, with its index.
  std::optional<Tolerance> tolerance;  ///< Instead of the defaults by dtype.
  std::uint64_t seed = 0;              ///< Of random operators, set before every probe.

  /// What to look for: numbers, shapes and dtypes that differ from those of the reference side, or
  /// tensors that are not on `run_device`.
  enum class Search { kDifference, kWrongDevice } search = Search::kDifference;

  /// No call is begun that would end later than so long after the first, as far as the last one
  /// tells; empty: the search goes on to its end.
  std::optional<std::chrono::steady_clock::duration> limit;

  /// What the model itself answers, on the CPU, if the export may differ from it.
  std::optional<c10::IValue> expected;
};

struct FirstDifference {
  enum class Kind {
    kNone,       ///< Nothing can be said.
    kNode,       ///< An operator: all tensors that it takes are right, and what it gives is not.
    kOptimiser,  ///< The plain interpreter answers as the model does.
    kState,      ///< As `kOptimiser`, but forward writes into its module, so calls differ.
    kExport,     ///< The export answers alike on both devices, and otherwise than the model.
    kStopped,    ///< The limit was reached: it is the operator that is named, or one before it.
  };
  Kind kind = Kind::kNone;
  std::string operator_name;             ///< `aten::softmax`, `prim::GetAttr`.
  std::optional<SourceLocation> source;  ///< Of the operator, where it is known.
  std::string message;                   ///< One line; empty for kNone.
};

}  // namespace crosstrace
