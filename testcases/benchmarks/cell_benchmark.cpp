// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/devices/move.h>
#include <crosstrace/export/mirror.h>
#include <crosstrace/matrix/plan.h>
#include <crosstrace/matrix/run.h>
#include <crosstrace/models/register.h>
#include <crosstrace/models/registry.h>
#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/csrc/jit/serialization/import.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>
#include <torch/utils.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

// What all cells of a model cost on the CPU and the simulated pair, beside a bare loop of LibTorch over
// the same traces, moves, loads and calls, which compares nothing.
//
//     cell_benchmark resnet18|simple RUNS
//
// prints the median milliseconds of both, of runs in turns.
namespace {

using torch::nn::BatchNorm2d;
using torch::nn::Conv2d;
using torch::nn::Conv2dOptions;

const std::vector<std::string> kDevices = {"cpu", "sim:0", "sim:1"};
constexpr int kCalls = 3;

struct BlockImpl : torch::nn::Module {
  BlockImpl(int in, int out, int stride)
      : conv1(Conv2dOptions(in, out, 3).stride(stride).padding(1).bias(false)),
        conv2(Conv2dOptions(out, out, 3).padding(1).bias(false)),
        norm1(out),
        norm2(out) {
    register_module("conv1", conv1);
    register_module("norm1", norm1);
    register_module("conv2", conv2);
    register_module("norm2", norm2);
    if (stride == 1 && in == out) return;
    shortcut = torch::nn::Sequential(Conv2d(Conv2dOptions(in, out, 1).stride(stride).bias(false)),
                                     BatchNorm2d(out));
    register_module("shortcut", shortcut);
  }
  at::Tensor forward(at::Tensor x) {
    const at::Tensor kept = shortcut.is_empty() ? x : shortcut->forward(x);
    x = norm1(conv1(x)).relu();
    return (norm2(conv2(x)) + kept).relu();
  }
  Conv2d conv1, conv2;
  BatchNorm2d norm1, norm2;
  torch::nn::Sequential shortcut{nullptr};
};
TORCH_MODULE(Block);

/// He et al., Deep Residual Learning for Image Recognition, table 1.
struct ResNet18Impl : torch::nn::Module {
  ResNet18Impl()
      : conv(Conv2dOptions(3, 64, 7).stride(2).padding(3).bias(false)), norm(64), last(512, 1000) {
    register_module("conv", conv);
    register_module("norm", norm);
    for (int in = 64, out = 64; out <= 512; in = out, out *= 2) {
      blocks->push_back(Block(in, out, in == out ? 1 : 2));
      blocks->push_back(Block(out, out, 1));
    }
    register_module("blocks", blocks);
    register_module("last", last);
  }
  at::Tensor forward(at::Tensor x) {
    x = at::max_pool2d(norm(conv(x)).relu(), 3, 2, 1);
    return last(blocks->forward(x).mean({2, 3}));
  }
  Conv2d conv;
  BatchNorm2d norm;
  torch::nn::Sequential blocks;
  torch::nn::Linear last;
};
TORCH_MODULE(ResNet18);

struct SimpleImpl : torch::nn::Module {
  SimpleImpl() : linear(register_module("linear", torch::nn::Linear(10, 5))) {}
  at::Tensor forward(const at::Tensor& x) { return linear(x).relu(); }
  torch::nn::Linear linear;
};
TORCH_MODULE(Simple);

template <class Net>
at::Tensor trace_and_run(const std::vector<std::int64_t>& shape) {
  at::Tensor last;
  for (const std::string& trace_name : kDevices) {
    const c10::Device trace_device = crosstrace::to_device(trace_name);
    torch::manual_seed(0);
    Net net;
    net->eval();
    crosstrace::move_module(*net, trace_device);
    torch::jit::Module module = crosstrace::mirror(net.ptr().get(), "Net");
    const at::Tensor input = at::randn(shape);
    auto traced = torch::jit::tracer::trace(
        {input.to(trace_device)},
        [&](torch::jit::Stack stack) -> torch::jit::Stack {
          return {net->forward(stack[0].toTensor())};
        },
        [](const at::Tensor&) { return std::string(); }, true, false, &module, {"x"});
    auto* forward = module._ivalue()->compilation_unit()->create_function(
        c10::QualifiedName(*module.type()->name(), "forward"), traced.first->graph);
    module.type()->addMethod(forward);
    const auto call = [&](torch::jit::Module callee, const at::Tensor& x) {
      for (int i = 0; i < kCalls; ++i) last = callee.forward({x}).toTensor();
    };
    call(module, input.to(trace_device));
    std::stringstream saved;
    module.save(saved);
    for (const std::string& name : kDevices) {
      const c10::Device device = crosstrace::to_device(name);
      torch::jit::Module moved = module.clone();
      crosstrace::move_module(moved, device);
      call(moved, input.to(device));
      saved.seekg(0);
      call(torch::jit::load(saved, device), input.to(device));
    }
  }
  return last;
}

template <class Net>
void add_model(const std::string& name, const std::vector<std::int64_t>& shape) {
  crosstrace::Registry::instance().add(crosstrace::ModelBuilder(name, {__FILE__, __LINE__})
                                           .module([] { return Net(); })
                                           .inputs([shape] { return at::randn(shape); })
                                           .build());
}

double milliseconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void run_matrix() {
  const crosstrace::Model& model = crosstrace::Registry::instance().models().front();
  const auto result = crosstrace::run_cells({}, crosstrace::plan_cells(model, kDevices));
  for (const auto& cell : result.cells) {
    if (cell.verdict == crosstrace::Verdict::kMatch) continue;
    throw std::runtime_error(cell.id.describe() + ": " + cell.message);
  }
}

template <class Net>
void measure(const std::string& name, const std::vector<std::int64_t>& shape, int runs) {
  add_model<Net>(name, shape);
  std::vector<double> values, baselines;
  for (int run = -1; run < runs; ++run) {  // The first warms up.
    const double value = milliseconds(run_matrix);
    const at::NoGradGuard no_grad;
    const double baseline = milliseconds([&] { (void)trace_and_run<Net>(shape); });
    if (run < 0) continue;
    values.push_back(value);
    baselines.push_back(baseline);
  }
  std::cout << median(values) << '\t' << median(baselines) << '\n';
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string name = argc == 3 ? argv[1] : "";
  if (name != "resnet18" && name != "simple") {
    std::cerr << "usage: cell_benchmark resnet18|simple RUNS\n";
    return 2;
  }
  crosstrace::probe_devices(kDevices);
  if (name == "resnet18") measure<ResNet18>("ResNet18", {1, 3, 224, 224}, std::atoi(argv[2]));
  if (name == "simple") measure<Simple>("Simple", {2, 10}, std::atoi(argv[2]));
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
