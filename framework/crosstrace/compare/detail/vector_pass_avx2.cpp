// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/compare/detail/vector_pass.h>

#if defined(__AVX2__) && defined(__F16C__)
#define CROSSTRACE_VECTOR_BYTES 32
#include <crosstrace/compare/detail/vector_pass_kernel.h>

namespace crosstrace::detail {

const Passes* avx2_passes() { return &kPasses; }

}  // namespace crosstrace::detail
#else
namespace crosstrace::detail {

const Passes* avx2_passes() { return nullptr; }

}  // namespace crosstrace::detail
#endif
