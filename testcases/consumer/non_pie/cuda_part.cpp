// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// Fails unless the CUDA part of LibTorch was found beside libtorch_cpu.so. That the program takes the
// address of a function in there makes it the program's own where programs have a fixed place.

#include <ATen/Context.h>
#include <crosstrace/devices/cuda_loader.h>

#include <iostream>

int main() {
  std::cout << "address " << reinterpret_cast<void*>(&at::globalContext) << '\n';
  const crosstrace::CudaLoad& cuda = crosstrace::load_cuda();
  std::cout << cuda.reason << '\n';
  // What is said of a part that was found and opened, with nothing in it.
  const bool is_found = cuda.reason.find("libtorch_cuda.so was loaded") == 0 ||
                        cuda.reason.find("the CUDA runtime of this LibTorch refuses") == 0;
  return cuda.broken && is_found ? 0 : 1;
}
