// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Whom the comparison asks about numbers outside rtol and atol: the export itself, in float64.
///
///     const auto referees = crosstrace::make_referees(exported, model, {.set = 0, .seed = 7});
///     if (!referees[0].why_not.empty()) std::cerr << referees[0].why_not << '\n';
#pragma once

#include <crosstrace/compare/evidence.h>
#include <crosstrace/export/export.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace crosstrace {

/// Which answers are wanted.
struct RefereeCalls {
  std::size_t set = 0;  ///< The input set, numbered from 0.

  /// Of a model with state, whose calls of one input set differ: so many answers, after as many
  /// calls of each input set before. Of any other one stands for all.
  int runs = 1;
  std::uint64_t seed = 0;  ///< Of inputs and generators.
};

/// Calls copies of the export on the CPU, in float64 and in its own precision, without TorchScript's
/// optimiser. What it dies of, random operators, and dtypes that cannot be told make it no referee.
/// @returns one for each of `calls.runs`, or a single one that says why there is none.
std::vector<Referee> make_referees(const Export& exported, const Model& model,
                                   const RefereeCalls& calls);

}  // namespace crosstrace
