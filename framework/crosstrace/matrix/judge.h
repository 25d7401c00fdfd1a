// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// From the answers of one cell to its verdict.
#pragma once

#include <crosstrace/matrix/cell_result.h>
#include <crosstrace/matrix/session.h>

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace crosstrace {

class Cell;

/// The referee of a call of an input set, both numbered from 0; valid while the cell is judged.
using RefereeSource = std::function<const Referee&(std::size_t set, int call)>;

struct Judgement {
  std::size_t set = 0;  ///< The input set that decided.
  std::string cause;    ///< Of a failure, its message without the call and what left the device.

  /// What the first call of each set answered that was called, where it is.
  std::vector<c10::IValue> first_answers;
};

/// Calls the cell `options.runs` times with each input set and sets verdict, message and outputs of
/// `result`: what a call died of; else the difference of the first call that has one, or `unstable`
/// if calls of one set disagree; else `untrusted` if there is no reference or it proves nothing and
/// the model's author does not say otherwise; else `match`. What a call writes into arguments and
/// buffers is compared as its answer is. Records where the operators of all calls ran, and says in the message if some
/// left the run device; that alone is no failure. Where no tolerance is given, numbers outside
/// those of torch.testing are the referee's to decide, and the message of a match says so.
Judgement judge_calls(Cell& cell, const Reference& reference, const RefereeSource& referee,
                      const RunOptions& options, CellResult& result);

}  // namespace crosstrace
