// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// An answer against the reference, within the tolerances that the model gives to its outputs.
///
///     const crosstrace::Model model = crosstrace::ModelBuilder("Double", {"double.cpp", 1})
///                                         .tolerance(crosstrace::run_on("cuda"), 0, 0.1)
///                                         .build();
///     const crosstrace::CellId id{"Double", crosstrace::ExportKind::kTrace, "cpu",
///                                 crosstrace::Transfer::kTo, "cuda:0"};
///     const auto comparison =
///         crosstrace::compare_answer(model, id, {}, at::ones({2}) + 0.05, at::ones({2}));
///     std::cout << (comparison.matches() ? "match" : "mismatch") << '\n';  // prints match
#pragma once

#include <crosstrace/compare/compare.h>
#include <crosstrace/matrix/session.h>
#include <crosstrace/models/model.h>

namespace crosstrace {

/// As `compare`; a leaf of which a rule of the model speaks (the first that does) is compared within
/// the rule's tolerance, without evidence. A tolerance of the run leaves all rules out. Costs a
/// comparison more for each rule that speaks.
/// @param options its tolerance is for leaves without a rule; empty: the run's or the model's.
/// @throws as `compare` does.
Comparison compare_answer(const Model& model, const CellId& id, const RunOptions& run,
                          const c10::IValue& actual, const c10::IValue& expected,
                          CompareOptions options = {});

}  // namespace crosstrace
