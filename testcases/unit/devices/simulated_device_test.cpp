// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/CPUGeneratorImpl.h>
#include <crosstrace/devices/simulated/simulated_device.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/InferenceMode.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>
#include <torch/library.h>
#include <torch/nn/module.h>
#include <torch/serialize.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <sstream>

namespace crosstrace {
namespace {

using testing::HasSubstr;

const c10::Device kSim0(c10::DeviceType::PrivateUse1, 0);
const c10::Device kSim1(c10::DeviceType::PrivateUse1, 1);

class SimulatedDevice : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(install_simulated_device(), ""); }
};

TEST(SimulatedInstallDeathTest, SaysWhoHasTheSlot) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        c10::register_privateuse1_backend("acme");
        std::cerr << install_simulated_device();
        std::exit(0);
      },
      testing::ExitedWithCode(0), "PrivateUse1 is taken by the backend 'acme'");
}

TEST_F(SimulatedDevice, CanBeInstalledAgain) { EXPECT_EQ(install_simulated_device(), ""); }

TEST_F(SimulatedDevice, HasANameAndTwoIndices) {
  EXPECT_EQ(c10::Device("sim:1"), kSim1);
  EXPECT_EQ(kSim1.str(), "sim:1");
  EXPECT_EQ(torch::zeros({1}, c10::Device("sim")).device(), kSim0);
  const c10::DeviceGuard guard(kSim1);
  EXPECT_EQ(torch::zeros({1}, c10::Device("sim")).device(), kSim1)
      << "without an index: the current one";
}

TEST_F(SimulatedDevice, CopiesAreTheOnlyCopies) {
  const at::Tensor tensor = torch::rand({4, 4}, kSim0);
  const void* data = tensor.data_ptr();
  const at::Tensor view = tensor.t()[1].slice(0, 1, 3);
  EXPECT_EQ(view.storage().data(), data);
  EXPECT_EQ(tensor.relu_().data_ptr(), data);
  EXPECT_NE(tensor.relu().data_ptr(), data);
}

TEST_F(SimulatedDevice, AResizeShowsThroughEveryView) {
  const at::Tensor base = torch::arange(6.0f).to(kSim1);
  const at::Tensor view = base.view({2, 3});
  const at::Tensor alias = base.detach();
  base.resize_({4, 4});
  EXPECT_EQ(view.storage().data(), base.storage().data());
  EXPECT_EQ(alias.storage().nbytes(), 16 * sizeof(float));
  EXPECT_EQ(base.storage().device(), kSim1);
  base.view(-1)[5].fill_(42);
  EXPECT_EQ(view[1][2].item<float>(), 42);
}

TEST_F(SimulatedDevice, AnOutArgumentOfZeroSizeGrowsForAllWhoShareIt) {
  at::Tensor out = torch::empty({0}, kSim0);
  const at::Tensor shares = out.view({0});
  torch::add_out(out, torch::ones({3}, kSim0), torch::ones({3}, kSim0));
  EXPECT_EQ(out.sum().item<float>(), 6);
  EXPECT_EQ(shares.storage().data(), out.storage().data());
}

TEST_F(SimulatedDevice, SetSharesTheSourceAndGrowsItsStorage) {
  at::Tensor target = torch::empty({0}, kSim0);
  const at::Tensor source = torch::arange(4.0f).to(kSim0);
  target.set_(source);
  EXPECT_TRUE(target.is_alias_of(source));
  target.set_(source.storage(), 2, {6}, {1});
  EXPECT_EQ(source.storage().nbytes(), 8 * sizeof(float));
  EXPECT_EQ(target[0].item<float>(), 2);
  target.set_();
  EXPECT_EQ(target.numel(), 0);
  EXPECT_EQ(target.device(), kSim0);
}

TEST_F(SimulatedDevice, ConjugateAndNegativeBitsSurvive) {
  const at::Tensor numbers = torch::complex(torch::rand({3}), torch::rand({3}));
  const at::Tensor conjugate = numbers.to(kSim0).conj();
  EXPECT_TRUE(conjugate.is_conj());
  EXPECT_TRUE(torch::imag(conjugate).is_neg());
  EXPECT_TRUE(torch::equal(conjugate.cpu().resolve_conj(), numbers.conj().resolve_conj()));
  EXPECT_TRUE(torch::equal(torch::imag(conjugate).cpu(), torch::imag(numbers).neg()));
  EXPECT_TRUE(torch::equal((conjugate * 2).cpu(), (numbers.conj() * 2).resolve_conj()));
}

TEST_F(SimulatedDevice, NumbersPromoteAsNumbers) {
  const at::Tensor half = torch::ones({2}, at::device(kSim0).dtype(at::kHalf));
  EXPECT_EQ((half + 1.5).scalar_type(), at::kHalf);
  EXPECT_EQ((half + torch::tensor(1.5, at::kDouble)).scalar_type(), at::kHalf)
      << "0-dim, from the CPU";
  EXPECT_EQ(torch::ones({2}, at::device(kSim0).dtype(at::kInt)).mul(0.5).scalar_type(), at::kFloat);
}

TEST_F(SimulatedDevice, PrintsValuesAndItsName) {
  std::ostringstream text;
  text << torch::tensor({1.5f, 2.5f}).to(kSim1);
  EXPECT_EQ(text.str(), " 1.5000\n 2.5000\n[ simFloatType{2} ]");
  EXPECT_EQ(torch::tensor(7).to(kSim0).item<int64_t>(), 7);
}

TEST_F(SimulatedDevice, OneSeedGivesTheCpusNumbersOnEachDevice) {
  torch::manual_seed(5);
  const at::Tensor expected = torch::randn({40});
  const at::Tensor on_sim1 = torch::randn({40}, kSim1);
  EXPECT_TRUE(torch::equal(torch::randn({40}, kSim0).cpu(), expected))
      << "each device has its own generator";
  EXPECT_TRUE(torch::equal(on_sim1.cpu(), expected));
  EXPECT_FALSE(torch::equal(torch::randn({40}, kSim0).cpu(), expected)) << "and it goes on";
}

TEST_F(SimulatedDevice, GeneratorStateCanBeKept) {
  at::Generator generator = at::globalContext().defaultGenerator(kSim0);
  const auto state = generator.get_state();
  const at::Tensor first = torch::rand({5}, kSim0);
  generator.set_state(state);
  EXPECT_TRUE(torch::equal(torch::rand({5}, kSim0), first));
  at::Generator copy = generator.clone();
  EXPECT_EQ(copy.device(), kSim0);
  EXPECT_TRUE(torch::equal(torch::rand({5}, copy, at::device(kSim0)), torch::rand({5}, kSim0)));
  copy.set_current_seed(3);
  EXPECT_EQ(copy.current_seed(), 3u);
}

TEST_F(SimulatedDevice, DropoutDrawsFromItsOwnGenerator) {
  torch::manual_seed(1);
  const at::Tensor before = torch::rand({1});
  torch::manual_seed(1);
  torch::native_dropout(torch::ones({100}, kSim0), 0.5, true);
  torch::dropout(torch::ones({100}, kSim1), 0.5, true);
  EXPECT_TRUE(torch::equal(torch::rand({1}), before)) << "the CPU's generator must not move";
}

TEST_F(SimulatedDevice, TensorsAreSavedAndLoaded) {
  const at::Tensor tensor = torch::rand({3, 2}, kSim1);
  std::stringstream file;
  torch::save(tensor, file);
  at::Tensor loaded;
  torch::load(loaded, file);
  EXPECT_EQ(loaded.device(), kSim1);
  EXPECT_TRUE(torch::equal(loaded, tensor));
}

TEST_F(SimulatedDevice, ArchivesLoadOntoIt) {
  torch::jit::Module module("m");
  module.register_parameter("weight", torch::rand({2, 2}), false);
  module.register_attribute("list", c10::ListType::ofTensors(),
                            c10::List<at::Tensor>({torch::rand({2})}));
  module.define("def forward(self, x):\n    return torch.linear(x, self.weight) + self.list[0]\n");
  const at::Tensor input = torch::rand({3, 2});
  const at::Tensor expected = module.forward({input}).toTensor();
  std::stringstream file;
  module.save(file);
  torch::jit::Module loaded = torch::jit::load(file, kSim0);
  EXPECT_EQ(loaded.attr("list").toTensorVector()[0].device(), kSim0) << "load moves every tensor";
  EXPECT_TRUE(torch::allclose(loaded.forward({input.to(kSim0)}).toTensor().cpu(), expected));
  std::stringstream again;
  loaded.save(again);
  const torch::jit::Module back = torch::jit::load(again);
  EXPECT_EQ(back.attr("weight").toTensor().device(), kSim0) << "an archive remembers its device";
}

TEST_F(SimulatedDevice, TheTransformerFastPathGivesTheCpusNumbers) {
  const torch::NoGradGuard no_grad;
  const at::Tensor x = torch::rand({2, 3, 8});
  const at::Tensor qkv = torch::rand({24, 8});
  const at::Tensor bias = torch::rand({24});
  const at::Tensor out = torch::rand({8, 8});
  const auto call = [&](c10::Device device) {
    const auto on = [&](const at::Tensor& tensor) { return tensor.to(device); };
    return std::get<0>(at::_native_multi_head_attention(
        on(x), on(x), on(x), 8, 2, on(qkv), on(bias), on(out), on(bias.slice(0, 0, 8))));
  };
  EXPECT_TRUE(torch::allclose(call(kSim1).cpu(), call(c10::kCPU)));
}

TEST_F(SimulatedDevice, InferenceModeAndViewsWork) {
  const c10::InferenceMode inference;
  const at::Tensor x = torch::rand({3, 4}).to(kSim0);
  EXPECT_TRUE(x.is_inference());
  EXPECT_TRUE(x.t().is_inference());
  EXPECT_TRUE(torch::equal(x.t().contiguous().cpu(), x.cpu().t().contiguous()));
}

}  // namespace

TORCH_LIBRARY(crosstrace_test, library) {
  library.def("twice(Tensor x) -> Tensor");
  library.def("cuda_only(Tensor x) -> Tensor");
}
TORCH_LIBRARY_IMPL(crosstrace_test, CPU, library) {
  library.impl("twice", [](const at::Tensor& x) { return x + x; });
}
TORCH_LIBRARY_IMPL(crosstrace_test, CUDA, library) {
  library.impl("cuda_only", [](const at::Tensor& x) { return x + x; });
}

namespace {

TEST_F(SimulatedDevice, CustomOperatorsRunTheirCpuKernel) {
  const auto op = c10::Dispatcher::singleton().findSchemaOrThrow("crosstrace_test::twice", "");
  torch::jit::Stack stack{torch::ones({2}, kSim1)};
  op.callBoxed(stack);
  EXPECT_EQ(stack[0].toTensor().device(), kSim1);
  EXPECT_EQ(stack[0].toTensor().sum().item<float>(), 4);
}

TEST_F(SimulatedDevice, ACustomOperatorWithoutACpuKernelIsRefused) {
  const auto op = c10::Dispatcher::singleton().findSchemaOrThrow("crosstrace_test::cuda_only", "");
  torch::jit::Stack stack{torch::ones({2}, kSim1)};
  try {
    op.callBoxed(stack);
    FAIL() << "was accepted";
  } catch (const c10::Error& error) {
    EXPECT_THAT(error.what_without_backtrace(),
                HasSubstr("Could not run 'crosstrace_test::cuda_only' with arguments from the "
                          "'sim' backend. It has no "
                          "CPU kernel"));
  }
}

}  // namespace
}  // namespace crosstrace
