// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/devices/precision.h>
#include <crosstrace/devices/simulated/simulated_device.h>
#include <crosstrace/graph/recorded_precision.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

// What forward costs on the simulated device, beside the CPU.
//
//     sim_benchmark ARCHIVE SHAPE RUNS      such as model.pt 1,3,224,224 9
//
// prints the median milliseconds on sim:0 and on the CPU, of calls in turns, where float32 is float32
// as cells have it: rounding to TF32, which the CPU has not, is no part of it.
namespace {

std::vector<std::int64_t> shape_of(const std::string& text) {
  std::vector<std::int64_t> shape;
  std::istringstream stream(text);
  for (std::string size; std::getline(stream, size, ',');) shape.push_back(std::stoll(size));
  return shape;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Side {
  torch::jit::Module module;
  at::Tensor input;
  std::vector<double> times;

  void call(bool counts) {
    const auto start = std::chrono::steady_clock::now();
    module.forward({input});
    const std::chrono::duration<double, std::milli> passed =
        std::chrono::steady_clock::now() - start;
    if (counts) times.push_back(passed.count());
  }
};

void measure(const std::string& archive, const std::vector<std::int64_t>& shape, int runs) {
  const at::NoGradGuard no_grad;
  const crosstrace::PrecisionScope strict(crosstrace::Precision::kStrict);
  std::vector<Side> sides;
  const at::Tensor input = at::rand(shape);
  for (const char* device : {"sim:0", "cpu"}) {
    sides.push_back(
        {torch::jit::load(archive, c10::Device(device)), input.to(c10::Device(device)), {}});
    sides.back().module.eval();
    crosstrace::set_recorded_precision(sides.back().module, crosstrace::Precision::kStrict);
  }
  constexpr int kWarmUp = 3;  // calls that profile and optimise
  for (int run = -kWarmUp; run < runs; ++run) {
    for (Side& side : sides) side.call(run >= 0);
  }
  std::cout << median(sides[0].times) << '\t' << median(sides[1].times) << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: sim_benchmark ARCHIVE SHAPE RUNS\n";
    return 2;
  }
  if (const std::string why = crosstrace::install_simulated_device(); !why.empty()) {
    std::cerr << "no simulated device: " << why << '\n';
    return 1;
  }
  try {
    measure(argv[1], shape_of(argv[2]), std::atoi(argv[3]));
  } catch (const c10::Error& error) {
    std::cerr << argv[1] << ": " << error.what_without_backtrace() << '\n';
    return 1;
  }
}
