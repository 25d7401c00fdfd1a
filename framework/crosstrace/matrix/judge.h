// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// From the answers of one cell to its verdict.
#pragma once

#include <crosstrace/matrix/cell_result.h>
#include <crosstrace/matrix/judgement.h>

namespace crosstrace {

class Cell;

/// Calls the cell `options.runs` times with each input set and sets verdict, message and outputs of
/// `result`: what a call died of; else the difference of the first call that has one, or `unstable`
/// if calls of one set disagree; else `untrusted` if there is no reference or it proves nothing and
/// the model's author does not say otherwise; else `match`. What a call writes into arguments and
/// buffers is compared as its answer is. Records where the operators of all calls ran, and says in
/// the message if some left the run device; that alone is no failure. Where no tolerance is given,
/// numbers outside those of torch.testing are the referee's to decide, and the message of a match
/// says so.
Judgement judge_calls(Cell& cell, const Reference& reference, const RefereeSource& referee,
                      const RunOptions& options, CellResult& result);

}  // namespace crosstrace
