// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// A tolerance for some outputs of some cells.
///
///     CROSSTRACE_REGISTER(Softmax)
///         .function([](at::Tensor x) { return x.softmax(-1); })
///         .inputs([] { return at::randn({4, 10}); })
///         .tolerance(crosstrace::run_on("cuda") && crosstrace::of_dtype(at::kHalf), 1e-2, 1e-3)
///         .tolerance(crosstrace::at_output("output[1]"), 0, 1e-4);
#pragma once

#include <c10/core/ScalarType.h>
#include <crosstrace/compare/tolerance.h>
#include <crosstrace/models/cell_filter.h>

#include <functional>
#include <string>
#include <utility>

namespace crosstrace {

/// What a comparison is of: one leaf of what a cell answers.
struct OutputId {
  const CellId& cell;
  std::string path;   ///< `output`, `output[1]`, `output["boxes"]`, `argument x after call 1`.
  std::string dtype;  ///< As TorchScript prints it: `Float`, `Half`, `int`.
};

/// Chooses outputs. Combine with `&&`, `||` and `!`, also with filters of cells, which choose all
/// outputs of theirs.
class OutputFilter {
 public:
  explicit OutputFilter(std::function<bool(const OutputId&)> accepts)
      : accepts_(std::move(accepts)) {}
  OutputFilter(CellFilter cells)  // NOLINT(google-explicit-constructor)
      : accepts_([cells = std::move(cells)](const OutputId& id) { return cells(id.cell); }) {}
  bool operator()(const OutputId& id) const { return accepts_(id); }

  friend OutputFilter operator&&(OutputFilter a, OutputFilter b) {
    return OutputFilter(
        [a = std::move(a), b = std::move(b)](const OutputId& id) { return a(id) && b(id); });
  }
  friend OutputFilter operator||(OutputFilter a, OutputFilter b) {
    return OutputFilter(
        [a = std::move(a), b = std::move(b)](const OutputId& id) { return a(id) || b(id); });
  }
  friend OutputFilter operator!(OutputFilter a) {
    return OutputFilter([a = std::move(a)](const OutputId& id) { return !a(id); });
  }

 private:
  std::function<bool(const OutputId&)> accepts_;
};

/// The output of this path, and all that lies in it: `output[1]` has `output[1][0]` and
/// `output[1].boxes`.
OutputFilter at_output(std::string path);

/// Tensors of this dtype.
OutputFilter of_dtype(c10::ScalarType dtype);

struct ToleranceRule {
  OutputFilter outputs;
  Tolerance tolerance;
};

}  // namespace crosstrace
