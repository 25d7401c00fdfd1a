// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// From a cell that failed to the findings that explain it.
///
///     result.causes = crosstrace::causes_of(result, diagnosis, differences, blame);
#pragma once

#include <crosstrace/diagnose/diagnosis.h>
#include <crosstrace/matrix/cell_result.h>
#include <crosstrace/observe/first_difference.h>

#include <string>
#include <vector>

namespace crosstrace {

/// Ids of findings, in the order of `diagnosis`: those at the operator that `blame` names; those
/// that the prediction for the cell names, if it is the failure that was predicted, of an exception
/// that a script raised only the branch that raises, and its suspects if it fails of devices though
/// none was predicted; and those of rules that predict no cell, as they fit the verdict: `random`,
/// `device-branch` and `backend-specialised` for numbers, `baked-shape` for shapes, `baked-dtype`
/// for dtypes, `missing-kernel`, `backend-specialised` and `storage-location` for what cannot run or
/// load.
/// Empty for a cell that did not fail.
/// @param differences of traces of the model, if it was traced.
std::vector<std::string> causes_of(const CellResult& result, const Diagnosis& diagnosis,
                                   const std::vector<Finding>& differences,
                                   const FirstDifference& blame);

/// Whether a difference between traces can be why the cell failed.
bool may_come_from_trace(const CellResult& result);

}  // namespace crosstrace
