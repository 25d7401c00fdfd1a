// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// From an archive to a repaired one that is proven, or to the reason why there is none.
///
///     crosstrace::ProofCalls calls;
///     calls.inputs = {[] { return crosstrace::arguments(at::randn({1, 8})); }};
///     calls.devices = {"cpu", "cuda:0", "sim:0", "sim:1"};
///     const auto result = crosstrace::repair_archive("model.pt", "fixed.pt", calls);
///     if (!result.written) std::cerr << result.why_not << '\n';
#pragma once

#include <crosstrace/diagnose/finding.h>
#include <crosstrace/repair/proof.h>
#include <crosstrace/repair/repair.h>

#include <optional>
#include <string>
#include <vector>

namespace crosstrace {

/// All that became of a repair; a report is made of it.
struct RepairResult {
  std::string archive;
  std::string target;
  std::string home;  ///< The device that the archive was made on, as its literals and storages say.

  std::vector<Finding> findings;  ///< Of the archive as it was.
  std::vector<RepairStep>
      steps;  ///< What was changed; nothing: the target is a copy, byte for byte.

  /// What remains to be done by the model's author: conflicts that could not be repaired, and
  /// findings above a note that are about something else.
  std::vector<RepairStep> left;

  std::optional<Proof> proof;  ///< Empty if it did not come to that.
  bool written = false;
  std::string why_not;  ///< Why nothing was written, one line; empty if it was.
};

/// Reads the archive on its home device, repairs, proves and writes it, with the extra files that
/// it had. The target gets its name only when all of it is written and proven; else nothing is left
/// behind. It may be the archive itself.
/// @param calls its devices are also those that the repair is made for.
/// @throws std::invalid_argument without inputs, for nothing could be proven.
/// @throws std::runtime_error naming the file, if it cannot be read or the target not be written.
/// @throws c10::Error if LibTorch cannot load it.
RepairResult repair_archive(const std::string& archive, const std::string& target,
                            const ProofCalls& calls);

}  // namespace crosstrace
