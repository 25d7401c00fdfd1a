// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// Custom operators for the tests of the command, as a project's own operator library registers
// them.

#include <ATen/ATen.h>
#include <torch/library.h>

#include <cstdlib>

namespace {

at::Tensor twice(const at::Tensor& x) { return x * 2; }

/// Composite, so that it sees the simulated device's tensors themselves.
at::Tensor crash_on_sim(const at::Tensor& x) {
  if (!x.is_cpu()) std::abort();
  return x * 2;
}

/// Ends the process as if all were well.
at::Tensor leave_on_sim(const at::Tensor& x) {
  if (!x.is_cpu()) std::exit(0);
  return x * 2;
}

TORCH_LIBRARY(crosstrace_test, library) {
  library.def("twice(Tensor x) -> Tensor");
  library.impl("twice", c10::DispatchKey::CPU, twice);
  library.def("crash_on_sim(Tensor x) -> Tensor", crash_on_sim);
  library.def("leave_on_sim(Tensor x) -> Tensor", leave_on_sim);
}

}  // namespace
