// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// An operator library that names other libraries, and uses nothing of them.

#include <ATen/ATen.h>
#include <torch/library.h>

namespace {

at::Tensor thrice(const at::Tensor& x) { return x * 3; }

TORCH_LIBRARY(STAND_IN_NAMESPACE, library) {
  library.def("thrice(Tensor x) -> Tensor");
  library.impl("thrice", c10::DispatchKey::CPU, thrice);
}

}  // namespace
