// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Chooses cells of the matrix.
///
///     const crosstrace::CellFilter filter = crosstrace::of_model("Net") && !crosstrace::is_simulated();
///     const crosstrace::CellId id{"Net", crosstrace::ExportKind::kTrace, "cpu",
///                                 crosstrace::Transfer::kTo, "cuda:0"};
///     std::cout << (filter(id) ? "chosen" : "left out") << '\n';  // prints chosen
#pragma once

#include <crosstrace/models/cell_id.h>

#include <functional>
#include <string>
#include <utility>

namespace crosstrace {

/// Combine with `&&`, `||` and `!`.
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

CellFilter any_cell();

/// Of the model of this name, and of this method (`forward`, `encode`).
CellFilter of_model(std::string name);
CellFilter of_method(std::string name);

/// Cells whose run device is not their trace device.
CellFilter moved();

/// Cells that need a simulated device, to trace or to run.
CellFilter is_simulated();

CellFilter exported_by(ExportKind kind);
CellFilter transferred_by(Transfer transfer);

/// `device` is a device (`cuda:0`) or a type of devices (`cuda`).
CellFilter traced_on(std::string device);
CellFilter run_on(std::string device);

}  // namespace crosstrace
