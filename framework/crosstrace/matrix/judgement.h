// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What the judges of a cell ask and tell beside its result.
#pragma once

#include <crosstrace/matrix/session.h>

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace crosstrace {

/// The referee of a call of an input set, both numbered from 0; valid while the cell is judged.
using RefereeSource = std::function<const Referee&(std::size_t set, int call)>;

struct Judgement {
  std::size_t set = 0;  ///< The input set that decided.
  std::string cause;    ///< Of a failure, its message without the call and what left the device.

  /// What the first call of each set answered that was called, where it is.
  std::vector<c10::IValue> first_answers;
};

}  // namespace crosstrace
