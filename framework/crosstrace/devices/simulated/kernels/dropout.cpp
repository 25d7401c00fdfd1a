// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ops/native_dropout_native.h>
#include <crosstrace/devices/simulated/kernels/kernels.h>

namespace crosstrace::simulated {

// The CPU's function written in terms of other operators: called on simulated tensors, it draws
// from the simulated device's generator, which an operator without a generator argument could not
// be given otherwise.
void register_dropout(torch::Library& library) {
  library.impl("native_dropout", &at::native::native_dropout_cpu);
}

}  // namespace crosstrace::simulated
