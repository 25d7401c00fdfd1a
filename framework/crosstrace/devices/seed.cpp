// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/Context.h>
#include <crosstrace/devices/seed.h>

#include <mutex>

namespace crosstrace {

void seed_generators(std::uint64_t seed) {
  at::manual_seed(seed);
  if (!at::hasCUDA()) return;
  for (c10::DeviceIndex i = 0; i < at::detail::getCUDAHooks().getNumGPUs(); ++i) {
    at::Generator generator = at::globalContext().defaultGenerator(c10::Device(c10::kCUDA, i));
    const std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_current_seed(seed);
  }
}

}  // namespace crosstrace
