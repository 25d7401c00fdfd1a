// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// Custom operators that do on sim:0 what no operator should; `x + 0` elsewhere.

#include <torch/library.h>

#include "unit/faults.h"

namespace {

/// Composite, so that it sees the simulated device's tensors themselves.
template <class Fault>
auto on_first_sim(Fault fault) {
  return [fault](const at::Tensor& x) {
    if (!x.is_cpu() && x.device().index() == 0) fault();
    return x + 0;
  };
}

TORCH_LIBRARY_FRAGMENT(crosstrace_test, library) {
  for (const auto& [name, fault] : crosstrace::faults()) {
    library.def((name + "(Tensor x) -> Tensor").c_str(), on_first_sim(fault));
  }
}

}  // namespace
