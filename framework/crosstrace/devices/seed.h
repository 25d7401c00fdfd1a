// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The random numbers of every device.
///
///     const c10::Device device = crosstrace::to_device("sim:0");
///     crosstrace::seed_generators(7);
///     const at::Tensor noise = at::randn({3}, device);
///     crosstrace::seed_generators(7);
///     if (noise.equal(at::randn({3}, device))) std::cout << "the same";  // prints the same
#pragma once

#include <cstdint>

namespace crosstrace {

/// Seeds LibTorch's default generators: the CPU's and those of every accelerator that LibTorch has
/// by now, CUDA's and the simulated pair's among them; of lost devices none. Does not synchronise.
/// `at::manual_seed` alone would pass CUDA by: it seeds one kind of accelerator, and takes the
/// simulated one. It would also fail on a lost device.
void seed_generators(std::uint64_t seed);

}  // namespace crosstrace
