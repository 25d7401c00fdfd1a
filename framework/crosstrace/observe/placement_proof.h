// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Where the operators of an export ran, as values; each result of a cell has one.
///
///     crosstrace::PlacementProof proof;
///     proof.run_device = "cuda:0";
///     proof.operators = {{"aten::arange", "cpu", 3, 3, crosstrace::SourceLocation{"model.py", 31}}};
///     proof.copies = {{"aten::index", "cpu", "cuda:0", 3, std::nullopt}};
///     std::cout << proof.describe_strays() << '\n';
///
/// prints
///
///     left cuda:0: aten::arange ran on cpu (3 calls, model.py:31); copied from cpu to cuda:0
///     inside aten::index (3 calls)
#pragma once

#include <crosstrace/models/source_location.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace crosstrace {

/// One operator on one device, as the export called it: operators inside it are not counted.
struct OperatorPlacement {
  std::string name;    ///< Without overload: `aten::add`.
  std::string device;  ///< The run device if one of its tensors was there, else where they were.
  std::int64_t calls = 0;

  /// Calls in which a tensor of more than 0 dims took part; tensors of 0 dims may stay on the CPU.
  std::int64_t sized_calls = 0;

  std::optional<SourceLocation> source;  ///< Of the first call elsewhere, where it is known.
};

/// Tensors of more than 0 dims that went from one device to another.
struct CopyPlacement {
  std::string inside;  ///< The operator that did so unasked; empty for a copy that the export asks
                       ///< for: `aten::to`, `aten::copy_`, ...
  std::string from;
  std::string to;
  std::int64_t calls = 0;
  std::optional<SourceLocation> source;
};

/// Of all calls of one cell.
struct PlacementProof {
  std::string run_device;                    ///< Empty if no call was recorded.
  std::vector<OperatorPlacement> operators;  ///< By name and device.
  std::vector<CopyPlacement> copies;         ///< By operator and devices.

  /// Operators that ran with a tensor of more than 0 dims, and on another device than the cell's.
  std::vector<OperatorPlacement> elsewhere() const;

  /// Copies that the export did not ask for, and those that it asked for away from the run device.
  std::vector<CopyPlacement> stray_copies() const;

  /// Both in one line, as above; empty if everything stayed on the run device.
  std::string describe_strays() const;
};

}  // namespace crosstrace
