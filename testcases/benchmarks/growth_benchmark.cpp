// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/matrix/plan.h>
#include <crosstrace/matrix/run.h>
#include <crosstrace/models/register.h>
#include <crosstrace/models/registry.h>
#include <sys/resource.h>
#include <torch/nn/modules/linear.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

// What a run of many models costs: of time it should cost as much for each, of memory nothing more.
//
//     growth_benchmark MODELS
//
// prints the milliseconds of the run and the MiB that were resident at its peak. Each model has 4 MiB
// of weights.
int main(int argc, char** argv) {
  using namespace crosstrace;
  const int models = argc > 1 ? std::atoi(argv[1]) : 1;
  for (int i = 0; i < models; ++i) {
    ModelBuilder builder("Model" + std::to_string(i), {__FILE__, __LINE__});
    builder.module([] { return torch::nn::Linear(1024, 1024); }).inputs([] {
      return at::randn({2, 1024});
    });
    Registry::instance().add(builder.build());
  }
  const auto start = std::chrono::steady_clock::now();
  std::vector<CellId> cells;
  for (const Model& model : Registry::instance().models()) {
    for (CellId& id : plan_cells(model, {"cpu", "sim:0"})) cells.push_back(std::move(id));
  }
  for (const CellResult& cell : run_cells({}, cells).cells) {
    if (cell.verdict != Verdict::kMatch) std::abort();
  }
  const std::chrono::duration<double, std::milli> passed = std::chrono::steady_clock::now() - start;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::cout << passed.count() << '\t' << static_cast<double>(usage.ru_maxrss) / 1024 << '\n';
}
