// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Whom the comparison asks about numbers outside rtol and atol: the export itself, in float64.
///
///     const auto referees = crosstrace::make_referees(placed_on_cpu, inputs, {.set = 0, .seed = 7});
///     if (!referees[0].why_not.empty()) std::cerr << referees[0].why_not << '\n';
#pragma once

#include <crosstrace/compare/evidence.h>
#include <crosstrace/matrix/placed_export.h>
#include <crosstrace/models/model.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace crosstrace {

/// Which answers are wanted.
struct RefereeCalls {
  std::size_t set = 0;  ///< The input set, numbered from 0.

  /// Of a model with state, whose calls of one input set differ: so many answers, after as many
  /// calls of each input set before. Of any other one stands for all.
  int runs = 1;
  std::uint64_t seed = 0;  ///< Of generators.
  std::string method = "forward";
};

/// The arguments of an input set, on the CPU; they are not written into.
using InputsOfSets = std::function<const Inputs&(std::size_t set)>;

/// Calls copies of the export on the CPU, in float64 and in its own precision, without TorchScript's
/// optimiser. What it dies of, random operators, and dtypes that cannot be told make it no referee.
/// Beside the weights of the export it takes those in float64, while it is at work.
/// @param place gives the export with all its tensors on the CPU.
/// @returns one for each of `calls.runs`, or a single one that says why there is none.
std::vector<Referee> make_referees(
    const std::function<std::shared_ptr<const PlacedExport>()>& place, const InputsOfSets& inputs,
    const RefereeCalls& calls);

}  // namespace crosstrace
