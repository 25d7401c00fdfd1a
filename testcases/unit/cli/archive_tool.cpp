// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// Archives for tests and measurements.
//
//     archive_tool make PATH MIB   an archive with that many MiB of weights, and a device literal
//     archive_tool load PATH       torch::jit::load, onto the CPU
//     archive_tool nothing         a process that has LibTorch and does nothing

#include <ATen/ATen.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include <iostream>
#include <string>

namespace {

constexpr int kMiB = 1024 * 1024;

void make(const std::string& path, int mebibytes) {
  torch::jit::Module module("Archive");
  module.register_parameter("weight", at::arange(1, 4).to(at::kFloat), false);
  module.register_attribute("table", c10::TensorType::get(), at::ones({3}));
  for (int i = 0; i < mebibytes; ++i)
    module.register_parameter("layer" + std::to_string(i), at::full({kMiB / 4}, i), false);
  module.define(R"(
    def forward(self, x):
        names = ["offset", "scale"]
        if len(names) > 1:
            x = x * self.weight
        return x + torch.arange(3, device='cpu') + self.table
  )");
  module.save(path);
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string task = argc > 1 ? argv[1] : "";
  if (task == "nothing") return 0;
  if (task == "make" && argc == 4) return make(argv[2], std::stoi(argv[3])), 0;
  if (task == "load" && argc == 3) return torch::jit::load(argv[2], c10::kCPU), 0;
  std::cerr << "usage: archive_tool make PATH MIB | load PATH | nothing\n";
  return 2;
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
