// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/devices/move.h>
#include <crosstrace/export/saved_module.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include <algorithm>
#include <memory>
#include <sstream>

namespace crosstrace {
namespace {

/// Two tensors of 400 kB, one of them behind two names, and small ones.
torch::jit::Module module_with_weights() {
  torch::jit::Module module("M");
  const at::Tensor weight = at::randn({100'000});
  module.register_parameter("weight", weight, /*is_buffer=*/false);
  module.register_parameter("tied", weight, /*is_buffer=*/false);
  module.register_buffer("table", at::randn({200, 500}).t());
  module.register_buffer("small", at::randn({3}));
  module.define("def forward(self, x: Tensor):\n    return x * self.weight.sum() + self.tied[0]\n");
  return module;
}

std::string read_all(const SavedModule& saved, std::size_t step) {
  std::string bytes(saved.size(), '\0');
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    const std::size_t wanted = std::min(step, bytes.size() - at);
    EXPECT_EQ(saved.read(at, bytes.data() + at, wanted, ""), wanted);
  }
  return bytes;
}

std::string saved_by_libtorch(const torch::jit::Module& module) {
  std::ostringstream out;
  module.save(out);
  return out.str();
}

TEST(SavedModule, IsWhatLibTorchSaves) {
  const torch::jit::Module module = module_with_weights();
  const SavedModule saved(module);
  EXPECT_EQ(read_all(saved, 1 << 20), saved_by_libtorch(module));
  EXPECT_EQ(read_all(saved, 100'003), read_all(saved, 4096));
}

TEST(SavedModule, KeepsNoWeightsOfItsOwn) {
  const SavedModule saved(module_with_weights());
  EXPECT_GT(saved.size(), 800'000U);
  EXPECT_LT(saved.own_size(), 50'000U);
}

TEST(SavedModule, ReadsTheWeightsOfADevice) {
  probe_device("sim:0");
  torch::jit::Module module = module_with_weights();
  move_module(module, to_device("sim:0"));
  const auto saved = std::make_shared<SavedModule>(module);
  EXPECT_LT(saved->own_size(), 50'000U);
  const torch::jit::Module loaded = torch::jit::load(saved, c10::Device(c10::kCPU));
  for (const char* name : {"weight", "table", "small"}) {
    EXPECT_TRUE(loaded.attr(name).toTensor().equal(module.attr(name).toTensor().cpu())) << name;
  }
}

TEST(SavedModule, ReadsNothingBehindItsEnd) {
  const SavedModule saved(module_with_weights());
  char byte = 0;
  EXPECT_EQ(saved.read(saved.size(), &byte, 1, ""), 0U);
  EXPECT_EQ(saved.read(saved.size() + 7, &byte, 1, ""), 0U);
}

}  // namespace
}  // namespace crosstrace
