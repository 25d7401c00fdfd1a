// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// How the cells of a run are called and judged.
///
///     const crosstrace::RunOptions options{.seed = 7, .runs = 5};
///     std::cout << options.runs << " calls\n";  // prints 5 calls
#pragma once

#include <ATen/core/ivalue.h>
#include <crosstrace/compare/evidence.h>
#include <crosstrace/compare/tolerance.h>
#include <crosstrace/devices/precision.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace crosstrace {

/// How long the first operator that differs is looked for when a cell fails of its answer.
enum class BlameMode {
  kAuto,  ///< Until the cell took ten times what it takes if it passes, and a second in any case.
  kFull,  ///< Until it is found.
  kNone,  ///< Not at all.
};

struct RunOptions {
  std::uint64_t seed = 0;
  int runs =
      3;  ///< Calls of each input set in each cell; known defects begin at the second or third.
  std::optional<Tolerance> tolerance;  ///< Instead of the model's own.

  /// A tolerance that is given, here or by the model, is fixed whatever this says.
  ToleranceMode tolerance_mode = ToleranceMode::kEvidence;
  Precision precision = Precision::kStrict;  ///< Of models that do not say their own.
  std::vector<std::string> required;         ///< Devices that must not be absent.
  std::optional<c10::IValue>
      expected;  ///< What the first input set must give, instead of running a reference.

  BlameMode blame = BlameMode::kAuto;

  /// The simulated device stands in for CUDA devices that an archive names and this machine lacks.
  bool stand_in = true;
};

}  // namespace crosstrace
