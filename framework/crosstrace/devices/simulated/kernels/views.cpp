// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ops/_reshape_alias_native.h>
#include <ATen/ops/as_strided_native.h>
#include <ATen/ops/unfold_native.h>
#include <ATen/ops/view_native.h>
#include <crosstrace/devices/simulated/kernels/kernels.h>

namespace crosstrace::simulated {

// LibTorch's own functions: they make another tensor over the same storage and never look at the
// device.
void register_views(torch::Library& library) {
  library.impl("view", &at::native::view);
  library.impl("as_strided", &at::native::as_strided_tensorimpl);
  library.impl("_reshape_alias", &at::native::_reshape_alias);
  library.impl("unfold", &at::native::unfold);
}

}  // namespace crosstrace::simulated
