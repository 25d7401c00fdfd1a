// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Whether a changed archive answers everywhere, and at home as before.
///
///     crosstrace::ProofCalls calls;
///     calls.inputs = {[] { return crosstrace::arguments(at::rand({2, 4})); }};
///     calls.devices = {"cpu", "sim:0"};
///     const crosstrace::Proof proof = crosstrace::prove("model.pt", "model.pt", "cpu", calls);
///     std::cout << (proof.holds() ? "holds" : proof.why_not) << '\n';  // prints holds
#pragma once

#include <crosstrace/archive/archive.h>
#include <crosstrace/compare/evidence.h>
#include <crosstrace/compare/tolerance.h>
#include <crosstrace/devices/stand_in.h>
#include <crosstrace/models/model.h>
#include <crosstrace/repair/repair_result.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace crosstrace {

/// What is called, where.
struct ProofCalls {
  std::vector<InputGenerator> inputs;  ///< Of forward.
  InputsOfMethods method_inputs;       ///< Of other methods.
  std::vector<std::string> devices;    ///< Of the matrix; absent ones are skipped.
  std::vector<std::string> required;   ///< Of these, those that must not be absent.
  std::uint64_t seed = 0;
  int runs = 3;  ///< Calls of each input set in each cell.
  std::optional<Tolerance> tolerance;
  bool stand_in = true;  ///< See RunOptions.
  ToleranceMode tolerance_mode = ToleranceMode::kEvidence;
  Precision precision = Precision::kStrict;  ///< Of every call; nothing of it is written.

  void set_inputs(InputsOfMethods all);

  /// Whether anything is called, and whether the method is.
  bool has_inputs() const noexcept { return !inputs.empty() || !method_inputs.empty(); }
  bool has_inputs_of(const std::string& method) const;
};

/// Why what was made on `home` cannot be called there on this machine, nor on a stand-in, one line;
/// empty if it can.
/// @param devices all that will be used, looked at together, so that CUDA is loaded in time.
std::string why_not_at_home(const std::string& home, const std::vector<std::string>& devices,
                            const StandIns& stand_ins);

/// Calls both archives on `home`, or on what stands in for it, each method with each of its input sets
/// `runs` times,
/// generators seeded alike: every answer must be the same to the last bit. Then runs the matrix of
/// the changed one: each cell that can run on this machine must match, and one at the least must be
/// able to. Synchronises with every device it uses. Never throws for what an archive does.
/// @throws std::invalid_argument if there are no inputs, for then there is nothing to prove with,
/// or `calls.runs` is less than 1.
/// @throws as `Archive::storage_locations` does, if an archive cannot be read.
Proof prove(const Archive& original, const Archive& changed, const std::string& home,
            const ProofCalls& calls);

}  // namespace crosstrace
