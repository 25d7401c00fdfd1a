// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Tensors that `to` leaves behind become buffers, which it moves.
#pragma once

#include <crosstrace/graph/program.h>
#include <crosstrace/repair/detail/node_edits.h>

#include <map>
#include <string>
#include <tuple>

namespace crosstrace::detail {

/// Keeps in mind which tensors are buffers already, so that one that occurs at several places, in
/// several methods or graphs, becomes one buffer.
class Buffers {
 public:
  /// Replaces a tensor constant by the reading of a buffer of the module whose code it is.
  EditResult from_constant(const Program& program, const InlinedMethod& method,
                           torch::jit::Node& constant);

  /// Makes a buffer of a tensor attribute, or several of a container of tensors.
  EditResult from_attribute(const Program& program, const Attribute& attribute);

 private:
  using Key = std::tuple<const c10::ClassType*, const void*, std::string>;
  std::map<Key, std::string> names_;
};

}  // namespace crosstrace::detail
