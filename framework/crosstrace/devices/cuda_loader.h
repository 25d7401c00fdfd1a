// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Loads LibTorch's CUDA part into a process that is linked against its CPU part only.
///
///     crosstrace::CudaLoad cuda = crosstrace::load_cuda();
///     if (!cuda.loaded) std::cerr << "no CUDA: " << cuda.reason << '\n';
#pragma once

#include <string>

namespace crosstrace {

struct CudaLoad {
  bool loaded = false;
  bool broken = false;   ///< A driver and a device are there, yet CUDA cannot be used.
  std::string reason;    ///< One line: what was looked for and not found; empty if loaded.
  int device_count = 0;  ///< Devices that the driver shows to this process.
};

/// Asks the driver (libcuda.so.1) for devices and, only if there are any, opens libtorch_cuda.so
/// beside libtorch_cpu.so. Costs about 0.2 s the first time; later calls return the first answer.
/// In a test to which CTest gave GPUs the driver shows these alone (ctest_gpus.h); if they are wrong,
/// CUDA is broken.
///
/// Call it before anything asks LibTorch about CUDA (`at::manual_seed` does): LibTorch
/// keeps the answer of its first look (aten/src/ATen/detail/CUDAHooksInterface.cpp), and CUDA would
/// stay invisible to the process. After it, CUDA cannot be used in a process that this one forks:
/// the driver does not allow it.
const CudaLoad& load_cuda();

/// Opens libtorch_cuda.so without asking the driver: LibTorch then knows CUDA's operators, asks the
/// driver itself when it must, and processes that fork from this one can use CUDA. Costs as much as
/// `load_cuda`, the first time.
/// @returns why it cannot be opened, one line; empty if it was.
const std::string& open_cuda_part();

/// Whether there is a driver to ask (libcuda.so.1 can be opened). Does not ask it.
bool has_cuda_driver();

}  // namespace crosstrace
