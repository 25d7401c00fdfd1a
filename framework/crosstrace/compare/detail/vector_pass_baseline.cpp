// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#define CROSSTRACE_VECTOR_BYTES 16
#include <crosstrace/compare/detail/vector_pass_kernel.h>

namespace crosstrace::detail {

const Passes* baseline_passes() { return &kPasses; }

}  // namespace crosstrace::detail
