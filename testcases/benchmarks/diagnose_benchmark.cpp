// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/diagnose/diagnosis.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/ir.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <string>

// How long diagnosis takes of a graph of many nodes: one in fourteen makes a tensor on a baked
// device, of which every second meets the input.
//
//     diagnose_benchmark [NODES...]
namespace {

/// Nodes in a group, constants included: a factory with a baked device, elementwise operators, a
/// product with a parameter.
constexpr int kGroup = 14;

torch::jit::Module chain(int nodes) {
  torch::jit::Module module("__torch__.Chain");
  module.register_parameter("weight", at::ones({4, 4}), false);
  auto graph = std::make_shared<torch::jit::Graph>();
  auto* self = graph->addInput("self")->setType(module.type());
  torch::jit::Value* x = graph->addInput("x");
  const torch::jit::WithInsertPoint guard(graph->block());
  for (int i = 0; i < nodes / kGroup; ++i) {
    auto* device = graph->insertConstant(c10::Device(c10::kCPU));
    auto* range = graph->insert(c10::aten::arange, {4}, {{"device", device}});
    auto* product = graph->insert(c10::aten::mul, {range, 2});
    x = graph->insert(c10::aten::add, {x, i % 2 == 0 ? product : x});
    auto* weight = graph->insertGetAttr(self, "weight")->setType(c10::TensorType::get());
    x = graph->insert(c10::aten::matmul, {x, weight});
    x = graph->insert(c10::aten::relu, {x});
  }
  graph->registerOutput(x);
  auto* forward = module._ivalue()->compilation_unit()->create_function(
      c10::QualifiedName(*module.type()->name(), "forward"), graph);
  module.type()->addMethod(forward);
  return module;
}

std::size_t count_nodes(const torch::jit::Module& module) {
  std::size_t count = 0;
  for (const auto* node : module.get_method("forward").graph()->nodes()) {
    (void)node;
    ++count;
  }
  return count;
}

void measure(int nodes) {
  const torch::jit::Module module = chain(nodes);
  const auto start = std::chrono::steady_clock::now();
  const std::clock_t cpu_start = std::clock();
  const crosstrace::Diagnosis diagnosis = crosstrace::diagnose(module, {.home = "cpu"});
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  const double cpu_seconds = static_cast<double>(std::clock() - cpu_start) / CLOCKS_PER_SEC;
  std::cout << count_nodes(module) << " nodes: " << seconds.count() << " s, of the CPU "
            << cpu_seconds << " s, " << diagnosis.findings.size() << " findings\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    for (const int nodes : {50'000, 100'000, 200'000}) measure(nodes);
  }
  for (int i = 1; i < argc; ++i) measure(std::atoi(argv[i]));
}
