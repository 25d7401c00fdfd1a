// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The random numbers of every device.
///
///     crosstrace::seed_generators(7);
///     at::Tensor noise = at::randn({3}, at::TensorOptions().device(c10::Device("sim:0")));
#pragma once

#include <cstdint>

namespace crosstrace {

/// Seeds LibTorch's default generators: the CPU's, the simulated pair's and, if CUDA is loaded,
/// every CUDA device's. Does not synchronise. `at::manual_seed` alone would pass CUDA by: it seeds
/// one kind of accelerator, and takes the simulated one.
void seed_generators(std::uint64_t seed);

}  // namespace crosstrace
