// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Cells that are known to fail, and of what. A cell that fails in another way, or no longer fails,
/// is a failure.
///
///     #include <torch/nn.h>
///
///     CROSSTRACE_REGISTER(Recurrent)
///         .module([] { return torch::nn::LSTM(8, 16); })
///         .inputs([] { return torch::randn({5, 2, 8}); })
///         .expect_failure(crosstrace::moved(), crosstrace::Verdict::kError,
///                         "Input and hidden tensors are not at the same device");
#pragma once

#include <crosstrace/models/cell_filter.h>
#include <crosstrace/models/failure_cause.h>
#include <crosstrace/models/verdict.h>

namespace crosstrace {

/// One declared failure.
struct Expectation {
  CellFilter cells;
  Verdict verdict;
  FailureCause cause;
};

}  // namespace crosstrace
