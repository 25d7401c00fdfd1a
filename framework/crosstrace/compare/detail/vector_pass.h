// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The pass over two arrays that every comparison pays: compiled once for each instruction set and
/// chosen at run time. For use inside compare/ only.
///
/// This header is included by files that are compiled for instructions which the machine may not
/// have. So it includes no code: an inline function of a library compiled there could be the one
/// that the linker keeps for all others.
#pragma once

#include <cstdint>

namespace crosstrace::detail {

/// What one pass finds out of two arrays; passes add to it.
struct Statistics {
  std::int64_t mismatched = 0;
  std::int64_t nonfinite = 0;
  double max_abs = 0;
  double max_rel = 0;
};

/// A tolerance, as numbers.
struct Limits {
  double rtol;
  double atol;
};

/// Adds what a comparison of `count` elements finds, by the rule of element.h, to `statistics`. No
/// alignment is asked for.
using Pass = void (*)(const void* actual, const void* expected, std::int64_t count, Limits limits,
                      Statistics& statistics);

/// One pass a dtype. Bool is compared as uint8.
struct Passes {
  Pass float32, float64, float16, bfloat16;
  Pass int8, int16, int32, int64;
  Pass uint8, uint16, uint32, uint64;
};

/// One table for each instruction set; null where it was not compiled for this kind of processor.
/// The baseline, SSE2 or NEON, is always there.
const Passes* baseline_passes();
const Passes* avx2_passes();    ///< AVX2 and F16C.
const Passes* avx512_passes();  ///< AVX-512 F, BW, DQ and VL.

/// The best of them for this processor, as LibTorch chooses its own kernels: ATEN_CPU_CAPABILITY
/// holds here too.
const Passes& chosen_passes();

}  // namespace crosstrace::detail
