// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The simulated device pair `sim:0`, `sim:1`: a second and a third place for tensors, on a machine
/// without one.
///
/// It is a real LibTorch device (PrivateUse1) in host memory. An operator runs the CPU's kernel on
/// the same memory, so values are the CPU's; what it adds is the strictness of CUDA about where
/// tensors are, operator by operator, from the table that CUDA's kernels are generated from.
/// It finds baked devices. It proves nothing about CUDA's kernels
/// or its numerics.
///
///     if (const std::string reason = crosstrace::install_simulated_device(); !reason.empty())
///       std::cerr << "no simulated device: " << reason << '\n';
///     const at::Tensor x = at::rand({2, 3}, c10::Device("sim:0"));
///     try {
///       x.add(at::rand({2, 3}));
///     } catch (const c10::Error& error) {
///       std::cerr << error.what_without_backtrace() << '\n';
///     }
///
/// prints
///
///     Expected all tensors to be on the same device, but found at least two devices, sim:0 and
///     cpu!
///
/// Where CUDA may run in TF32, operands are rounded as its tensor cores round them (tf32.h): by the
/// allow_tf32 that a convolution is called with, by LibTorch's flags for matrix products and RNNs.
///
/// Calls return when their work is done: one stream a device, nothing is asynchronous. Random
/// numbers come from one generator a device; torch::manual_seed seeds them, and a seed gives the
/// CPU's numbers.
///
/// Limits, each an error with one clear line unless said otherwise:
/// - Strided tensors only: no sparse, quantized, oneDNN or nested tensor can be held (nothing could
///   alias them). The padded fast path of a transformer encoder makes nested tensors.
/// - Pinned memory is plain host memory, unless there is a CUDA device to pin it. No autocast:
///   LibTorch has no list of its operators for this device, and runs them as they are.
/// - Products inside of fused kernels (attention, the fast path of a transformer encoder) are not
///   rounded to TF32.
/// - Operators that only CUDA has (`cudnn_*`, `miopen_*`, `batch_norm_stats`, `_scaled_mm`,
///   `_flash_attention_forward`, ...) have no CPU kernel to run.
/// - Where CUDA's kernel refuses a value or a dtype that the CPU's takes, or the reverse, beyond
///   what operators/ says (cuda_dtypes.cpp, value_exceptions.cpp, cudnn_rnn.cpp), the CPU decides;
///   this is not an error. The same goes for CUDA kernels that read their arguments' devices by
///   themselves, beyond the table, device_exceptions.cpp and kernel_exceptions.cpp. A recording of
///   CUDA's answers (testcases/cuda_rules) holds them to it.
/// - LibTorch's engine counts devices at the first backward pass of a process: install before it,
///   or backward passes on this device end in an internal assertion of LibTorch.
/// - LibTorch has one accelerator a process, and this device is it from then on: torch::manual_seed
///   seeds the CPU and the simulated devices but no longer CUDA, for which
///   torch::cuda::manual_seed_all is there.
#pragma once

#include <string>

namespace crosstrace {

/// Registers the simulated device with LibTorch, under the name `sim`; later calls do nothing.
/// Takes about 40 ms, the first time. Nothing is registered before it is called, and nothing can be
/// taken back afterwards. Thread-safe.
/// @returns empty if `sim:0` and `sim:1` can be used, else why not (PrivateUse1 is taken by another
/// backend).
[[nodiscard]] std::string install_simulated_device();

}  // namespace crosstrace
