// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// What is read of an archive that would run code if LibTorch loaded it.

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/quantize_per_tensor.h>
#include <crosstrace/archive/archive.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>
#include <unit/archive_edit.h>
#include <unit/temporary_file.h>

#include <filesystem>

namespace crosstrace {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class StrangersArchive : public ::testing::Test {
 protected:
  /// A module whose `__setstate__` has this body, `s` being (weight, training).
  void save_with_state(const std::string& body) const {
    torch::jit::Module module("__torch__.M");
    module.register_attribute("w", c10::TensorType::get(), at::full({2}, 3));
    module.register_attribute("n", c10::IntType::get(), 5);
    module.register_attribute("training", c10::BoolType::get(), true);
    module.define(
        "def __getstate__(self) -> Tuple[Tensor, bool]:\n    return (self.w, self.training)\n");
    module.define("def __setstate__(self, s: Tuple[Tensor, bool]) -> None:\n" + body);
    module.define("def forward(self, x: Tensor):\n    return x + self.w\n");
    module.save(file_.path());
  }

  std::string written() const { return (file_.folder() / "written").string(); }
  bool is_written() const { return std::filesystem::exists(written()); }

  TemporaryFile file_{"model.pt"};
};

TEST_F(StrangersArchive, IsReadWithoutRunningSetState) {
  save_with_state("    torch.save(s[0], '" + written() +
                  "')\n    self.w = s[0]\n    self.n = 7\n    self.training = s[1]\n");
  const Archive archive(file_.path());
  const torch::jit::Module module = archive.without_weights();
  EXPECT_FALSE(is_written());
  EXPECT_TRUE(module.attr("w").toTensor().equal(at::full({2}, 3)));
  EXPECT_EQ(module.attr("n").toInt(), 7);
  EXPECT_TRUE(module.is_training());
  EXPECT_TRUE(archive.has_unsafe_operators());
  archive.load();
  EXPECT_TRUE(is_written()) << "LibTorch runs it, or this test shows nothing";
}

// No operator runs, so what one would compute is empty.
TEST_F(StrangersArchive, IsReadAsFarAsNoOperatorIsNeeded) {
  save_with_state(
      "    w, training = s\n    if training:\n        self.n = 1\n    else:\n        self.n = 2\n"
      "    self.training = training\n    self.w = w * 2\n");
  const torch::jit::Module module = Archive(file_.path()).without_weights();
  EXPECT_EQ(module.attr("n").toInt(), 1);
  EXPECT_EQ(module.attr("w").toTensor().numel(), 0);
  EXPECT_FALSE(Archive(file_.path()).has_unsafe_operators());
}

TEST_F(StrangersArchive, IsReadThroughMethodsThatSetStateCalls) {
  torch::jit::Module module("__torch__.M");
  module.register_attribute("w", c10::TensorType::get(), at::full({2}, 3));
  module.register_attribute("training", c10::BoolType::get(), true);
  module.define("def keep(self, w: Tensor) -> None:\n    self.w = w\n");
  module.define("def __getstate__(self) -> Tuple[Tensor, bool]:\n    return (self.w, False)\n");
  module.define(
      "def __setstate__(self, s: Tuple[Tensor, bool]) -> None:\n    self.keep(s[0])\n"
      "    self.training = s[1]\n");
  module.save(file_.path());
  const torch::jit::Module read = Archive(file_.path()).without_weights();
  EXPECT_TRUE(read.attr("w").toTensor().equal(at::full({2}, 3)));
}

/// The packed weights of a quantized convolution.
c10::IValue packed_weights() {
  c10::IValue packed;
  const at::Tensor weight = at::quantize_per_tensor(at::ones({4, 3, 3, 3}), 0.1, 0, at::kQInt8);
  torch::jit::Stack stack = {weight,
                             at::zeros({4}),
                             c10::List<int64_t>({1, 1}),
                             c10::List<int64_t>({0, 0}),
                             c10::List<int64_t>({1, 1}),
                             1};
  c10::Dispatcher::singleton().findSchemaOrThrow("quantized::conv2d_prepack", "").callBoxed(stack);
  return stack.back();
}

// Their class is C++ that believes what it reads.
TEST_F(StrangersArchive, HasPackedWeightsThatNobodyUnpacks) {
  torch::jit::Module module("__torch__.M");
  const c10::IValue packed = packed_weights();
  module.register_attribute("p", packed.type(), packed);
  module.define("def forward(self, x: Tensor):\n    return x\n");
  module.save(file_.path());
  const Archive archive(file_.path());
  const c10::IValue read = archive.without_weights().attr("p");
  ASSERT_TRUE(read.isObject());
  EXPECT_TRUE(read.toObject()->getSlot(0).isNone());
  EXPECT_EQ(archive.home(), "cpu");
  EXPECT_TRUE(archive.load().attr("p").toObject()->getSlot(0).isCapsule());
}

// LibTorch evaluates the defaults of arguments when it reads the code of an archive.
TEST_F(StrangersArchive, IsRefusedIfADefaultIsACall) {
  torch::jit::Module module("__torch__.M");
  module.define("def forward(self, x: Tensor):\n    return x\n");
  module.save(file_.path());
  const std::string call = "torch.from_file(\"" + written() + "\", True, 4)";
  edit_archive(file_.path(), "x: Tensor)", "x: Tensor, y: Tensor=" + call + ")");
  EXPECT_THAT([&] { Archive(file_.path()).without_weights(); },
              ThrowsMessage<std::runtime_error>(
                  "cannot read archive " + file_.path() +
                  ": its record code/__torch__.py calls something where a value belongs: "
                  "torch.from_file(...) in line 5; expected a file that torch.jit.save wrote"));
  EXPECT_FALSE(is_written());
  torch::jit::load(file_.path());
  EXPECT_TRUE(is_written()) << "LibTorch runs it, or this test shows nothing";
}

// LibTorch's parser calls itself for each bracket, and the stack is used up.
TEST_F(StrangersArchive, IsRefusedIfTheReaderDiesOfIt) {
  torch::jit::Module module("__torch__.M");
  module.define("def forward(self, x: Tensor):\n    return x\n");
  module.save(file_.path());
  constexpr std::size_t kDeep = 500'000;
  edit_archive(file_.path(), "return x",
               "return " + std::string(kDeep, '(') + "x" + std::string(kDeep, ')'));
  const std::string refusal = "cannot read archive " + file_.path() +
                              ": its contents are damaged; LibTorch's reader died of SIGSEGV "
                              "(Segmentation fault)";
  const Archive archive(file_.path());
  EXPECT_THAT([&] { archive.load(); }, ThrowsMessage<std::runtime_error>(refusal));
  EXPECT_THAT([&] { archive.without_weights(); }, ThrowsMessage<std::runtime_error>(refusal));
  EXPECT_EQ(archive.home(), "unknown");
}

TEST_F(StrangersArchive, MayHaveDefaultsThatAreValues) {
  torch::jit::Module module("__torch__.M");
  module.define(
      "def forward(self, x: Tensor, a: float=-1.5, b: Optional[int]=None, c: List[int]=[1, 2], "
      "d: str='cpu', e: float=float('inf'), f: Tuple[int, bool]=(1, True), "
      "g: Device=torch.device('cpu')):\n    return x\n");
  module.save(file_.path());
  EXPECT_NO_THROW(Archive(file_.path()).without_weights());
}

}  // namespace
}  // namespace crosstrace
