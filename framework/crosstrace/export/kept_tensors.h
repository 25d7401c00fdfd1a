// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Puts back what calls of a model write.
///
///     at::Tensor state = at::zeros({1});
///     {
///       crosstrace::KeptTensors kept;
///       kept.keep(state);
///       state.add_(1);
///     }
///     std::cout << state.item<float>() << '\n';  // prints 0
#pragma once

#include <ATen/core/Tensor.h>

#include <utility>
#include <vector>

namespace crosstrace {

/// Tensors as they are when they are kept, given back at the end of the scope, also if an exception
/// ends it. Costs a copy of each.
class KeptTensors {
 public:
  KeptTensors() = default;
  ~KeptTensors();
  KeptTensors(const KeptTensors&) = delete;
  KeptTensors& operator=(const KeptTensors&) = delete;

  /// @returns a copy of `tensor` as it is now, in which nothing changes.
  at::Tensor keep(const at::Tensor& tensor);

 private:
  std::vector<std::pair<at::Tensor, at::Tensor>> tensors_;  ///< Each with its copy.
};

}  // namespace crosstrace
