// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/archive/archive.h>
#include <crosstrace/archive/detail/pickle_devices.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/serialization/import.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>

#include "unit/temporary_file.h"

namespace crosstrace {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::ThrowsMessage;

torch::jit::Module module_with(const at::Tensor& weight) {
  torch::jit::Module module("__torch__.M");
  module.register_parameter("weight", weight, false);
  module.register_attribute("shift", c10::TensorType::get(), at::ones({2}));
  module.define("def forward(self, x: Tensor):\n    return x * self.weight + self.shift\n");
  return module;
}

/// Resident memory, in MiB.
long resident() {
  std::ifstream status("/proc/self/statm");
  long total = 0, pages = 0;
  status >> total >> pages;
  return pages * 4 / 1024;
}

TEST(WithoutWeights, ReadsGraphsShapesAndAttributes) {
  const TemporaryFile file("model.pt");
  module_with(at::full({400, 200}, 3)).save(file.path());
  const Archive archive(file.path());
  const torch::jit::Module module = archive.without_weights();
  EXPECT_EQ(module.attr("weight").toTensor().sizes(), at::IntArrayRef({400, 200}));
  EXPECT_NE(module.attr("weight").toTensor()[0][0].item<float>(), 3);  // Not read.
  EXPECT_EQ(module.attr("shift").toTensor().scalar_type(), at::kFloat);
  EXPECT_THAT(module.get_method("forward").graph()->toString(), HasSubstr("aten::mul"));
  EXPECT_THAT(archive.storage_locations(), ElementsAre("cpu"));
  EXPECT_EQ(archive.home(), "cpu");
}

TEST(WithoutWeights, TakesTheTimeOfTheGraphNotOfTheWeights) {
  const TemporaryFile file("large.pt");
  {
    const at::Tensor weight = at::empty({256 * 1024 * 1024 / 4});  // 256 MiB, never touched.
    module_with(weight).save(file.path());
  }
  const long before = resident();
  const auto start = std::chrono::steady_clock::now();
  const torch::jit::Module module = Archive(file.path()).without_weights();
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(module.attr("weight").toTensor().numel(), 64 * 1024 * 1024);
  EXPECT_LT(resident() - before, 64) << "MiB more; the weights have 256";
  EXPECT_LT(time.count(), 0.5) << "s; the weights alone take about 0.2";
}

TEST(WithoutWeights, SaysWhatIsWrongWithAFile) {
  const TemporaryFile file("garbage.pt");
  EXPECT_THAT([&] { Archive(file.path()).without_weights(); },
              ThrowsMessage<std::runtime_error>("cannot read archive " + file.path() +
                                                ": No such file or directory"));
  std::ofstream(file.path()) << "garbage";
  EXPECT_THAT([&] { Archive(file.path()).without_weights(); },
              ThrowsMessage<std::runtime_error>(HasSubstr("it is no zip archive")));
}

std::set<std::string> locations(const std::string& pickle) {
  return detail::devices_in_pickle(pickle).storages;
}

TEST(StorageLocations, AreThoseOfStoragesAlone) {
  // ('storage', <type>, '0', 'cuda:1', 4) as LibTorch writes it, and again by reference.
  const auto text = [](const std::string& value) {
    return std::string("X") + static_cast<char>(value.size()) + std::string(3, '\0') + value;
  };
  const std::string storage =
      "(" + text("storage") + "q\x01" + text("0") + "q\x02" + text("cuda:1") + "q\x03K\x04tq\x04Q";
  EXPECT_THAT(locations(storage), ElementsAre("cuda:1"));
  EXPECT_THAT(locations(text("cpu") + "q\x01(" + text("7") + "h\x01M\x01\x01tQ"),
              ElementsAre("cpu"));
  EXPECT_THAT(locations(text("cuda:0") + "q\x01" + text("a text")), IsEmpty());
  EXPECT_THAT(locations("(" + text("Not a device") + "K\x04tQ"), IsEmpty());
  EXPECT_THAT(locations(""), IsEmpty());
  EXPECT_THAT(locations("X\xff\xff\xff\xff"), IsEmpty());
}

}  // namespace
}  // namespace crosstrace
