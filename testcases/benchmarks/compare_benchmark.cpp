// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <crosstrace/compare/compare.h>
#include <crosstrace/devices/discovery.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

// What a comparison costs beside at::allclose, and beside reading the tensors at all. All bits are
// unequal, all elements within the tolerance.
//
//     compare_benchmark [RUNS [DEVICE]]
//
// prints a line for each: name, milliseconds of ours, of the other, and what that is; medians of
// turns, so that whatever else the machine does falls on both. With a DEVICE, such as cuda:0, the
// tensors lie there.
namespace {

constexpr std::int64_t kMi = 1 << 20;

using Task = std::function<void()>;

double milliseconds(const Task& task, int calls) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < calls; ++i) task();
  const std::chrono::duration<double, std::milli> passed = std::chrono::steady_clock::now() - start;
  return passed.count() / calls;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Calls {
  int runs;  ///< Turns, of which the median counts.
  int ours;  ///< Calls in each.
  int other;
};

void measure(const char* name, const char* against, const Task& ours, const Task& other,
             const Calls& calls) {
  std::vector<double> our_times, other_times;
  for (int run = 0; run < calls.runs + 1; ++run) {  // the first warms up
    our_times.push_back(milliseconds(ours, calls.ours));
    other_times.push_back(milliseconds(other, calls.other));
  }
  our_times.erase(our_times.begin());
  other_times.erase(other_times.begin());
  std::printf("%s\t%.9g\t%.9g\t%s\n", name, median(our_times), median(other_times), against);
  std::fflush(stdout);
}

struct Pair {
  at::Tensor actual;
  at::Tensor expected;
  crosstrace::Tolerance tolerance;
};

/// Random numbers, and the next one to each of them.
Pair neighbours(std::int64_t count, c10::ScalarType dtype, c10::ScalarType bits,
                c10::Device device = c10::kCPU) {
  const at::Tensor expected = at::randn({count}, at::TensorOptions(dtype).device(device));
  return {expected.view(bits).add(1).view(dtype), expected, crosstrace::Tolerance::of(dtype)};
}

Pair integers(std::int64_t count) {
  const at::Tensor expected = at::randint(1'000'000, 2'000'000, {count}, at::kLong);
  return {expected + 1, expected, crosstrace::Tolerance(1e-5, 1e-8)};
}

Task compare(const Pair& pair) {
  return [&pair] {
    const crosstrace::CompareOptions options{.tolerance = pair.tolerance};
    if (!crosstrace::compare(pair.actual, pair.expected, options).matches()) std::abort();
  };
}

Task allclose(const Pair& pair) {
  return [&pair] {
    const auto& tolerance = pair.tolerance;
    if (!at::allclose(pair.actual, pair.expected, tolerance.rtol(), tolerance.atol())) std::abort();
  };
}

void beside_allclose(const char* name, const Pair& pair, const Calls& calls) {
  measure(name, "at::allclose", compare(pair), allclose(pair), calls);
}

/// Moves as many bytes as a comparison reads; that waits for its record, so this waits too.
Task copy(const Pair& pair) {
  return [&pair, copied = at::empty_like(pair.actual)]() mutable {
    copied.copy_(pair.actual);
    c10::impl::VirtualGuardImpl(copied.device().type()).synchronizeDevice(copied.device().index());
  };
}

void measure_on_cpu(int runs) {
  const Calls few{runs, 3, 1};
  {
    const Pair pair = neighbours(64 * kMi, at::kFloat, at::kInt);
    beside_allclose("compare.float32.67108864", pair, few);
    const Task sums = [&pair] {
      if (!std::isfinite(pair.actual.sum().item<float>() + pair.expected.sum().item<float>()))
        std::abort();
    };
    measure("compare.float32.floor", "two at::sum of 64 Mi", compare(pair), sums, {2 * runs, 3, 3});
  }
  beside_allclose("compare.float16.67108864", neighbours(64 * kMi, at::kHalf, at::kShort), few);
  beside_allclose("compare.bfloat16.67108864", neighbours(64 * kMi, at::kBFloat16, at::kShort),
                  few);
  beside_allclose("compare.float64.33554432", neighbours(32 * kMi, at::kDouble, at::kLong), few);
  beside_allclose("compare.int64.33554432", integers(32 * kMi), few);
  beside_allclose("compare.float32.1000", neighbours(1000, at::kFloat, at::kInt),
                  {40 * runs, 1000, 100});
}

void measure_on(c10::Device device, int runs) {
  const Calls calls{3 * runs, 10, 10};
  const Pair floats = neighbours(64 * kMi, at::kFloat, at::kInt, device);
  measure("compare.cuda.float32.67108864", "a copy on the device", compare(floats), copy(floats),
          calls);
  measure("compare.cuda.allclose", "at::allclose of 64 Mi there", compare(floats), allclose(floats),
          calls);
  const Pair halves = neighbours(128 * kMi, at::kHalf, at::kShort, device);
  measure("compare.cuda.float16.134217728", "a copy on the device", compare(halves), copy(halves),
          calls);
}

}  // namespace

int main(int argc, char** argv) {
  const int runs = argc > 1 ? std::atoi(argv[1]) : 7;
  if (argc < 3) {
    measure_on_cpu(runs);
    return 0;
  }
  const crosstrace::DeviceInfo device = crosstrace::probe_device(argv[2]);
  if (device.state != crosstrace::DeviceState::kAvailable) {
    std::fprintf(stderr, "%s: %s\n", argv[2], device.reason.c_str());
    return 1;
  }
  measure_on(c10::Device(argv[2]), runs);
}
