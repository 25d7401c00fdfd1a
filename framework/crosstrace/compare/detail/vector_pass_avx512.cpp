// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/compare/detail/vector_pass.h>

#if defined(__AVX512F__) && defined(__AVX512DQ__)
#define CROSSTRACE_VECTOR_BYTES 64
#include <crosstrace/compare/detail/vector_pass_kernel.h>

namespace crosstrace::detail {

const Passes* avx512_passes() { return &kPasses; }

}  // namespace crosstrace::detail
#else
namespace crosstrace::detail {

const Passes* avx512_passes() { return nullptr; }

}  // namespace crosstrace::detail
#endif
