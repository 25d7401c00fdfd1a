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

#include <crosstrace/models/cell_id.h>
#include <crosstrace/models/verdict.h>

#include <functional>
#include <string>

namespace crosstrace {

/// Chooses cells. Combine with `&&`, `||` and `!`.
class CellFilter {
 public:
  explicit CellFilter(std::function<bool(const CellId&)> accepts) : accepts_(std::move(accepts)) {}
  bool operator()(const CellId& id) const { return accepts_(id); }

  friend CellFilter operator&&(CellFilter a, CellFilter b);
  friend CellFilter operator||(CellFilter a, CellFilter b);
  friend CellFilter operator!(CellFilter a);

 private:
  std::function<bool(const CellId&)> accepts_;
};

/// Cells whose run device is not their trace device.
CellFilter moved();
CellFilter any_cell();
CellFilter exported_by(ExportKind kind);
CellFilter transferred_by(Transfer transfer);

/// `device` is a device (`cuda:0`) or a type of devices (`cuda`).
CellFilter traced_on(std::string device);
CellFilter run_on(std::string device);

/// One declared failure.
struct Expectation {
  CellFilter cells;
  Verdict verdict;
  std::string cause;  ///< Must occur in the cell's message.
};

}  // namespace crosstrace
