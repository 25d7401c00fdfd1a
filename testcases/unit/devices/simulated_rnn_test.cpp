// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// RNNs on the simulated device: left whole to the CPU where that changes nothing, and in pieces
// elsewhere.

#include <ATen/ATen.h>
#include <ATen/record_function.h>
#include <crosstrace/devices/precision.h>
#include <crosstrace/devices/simulated/simulated_device.h>
#include <gmock/gmock.h>
#include <torch/nn/modules/rnn.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace crosstrace {
namespace {

using ::testing::HasSubstr;

const c10::Device kSim(c10::DeviceType::PrivateUse1, 0);

class SimulatedRnn : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(install_simulated_device(), "");
    at::manual_seed(7);
    weights_ = {at::randn({20, 4}), at::randn({20, 5}), at::randn({20}), at::randn({20})};
    input_ = at::randn({6, 3, 4});
    states_ = {at::randn({1, 3, 5}), at::randn({1, 3, 5})};
  }

  /// An LSTM's answer on `device`. @param dropout that of training.
  at::Tensor lstm(c10::Device device, double dropout = 0) const {
    const auto moved = [&](const std::vector<at::Tensor>& tensors) {
      std::vector<at::Tensor> result;
      for (const at::Tensor& tensor : tensors) result.push_back(tensor.to(device));
      return result;
    };
    return std::get<0>(at::lstm(input_.to(device), moved(states_), moved(weights_), true, 1,
                                dropout, dropout > 0, false, false));
  }

  std::vector<at::Tensor> weights_;
  at::Tensor input_;
  std::vector<at::Tensor> states_;
};

int products = 0;

std::unique_ptr<at::ObserverContext> count_product(const at::RecordFunction& call) {
  products += call.name() == std::string("aten::mm") || call.name() == std::string("aten::addmm");
  return nullptr;
}

/// How many matrix products `call` runs on the simulated device and on the CPU below it.
int products_of(const std::function<void()>& call) {
  products = 0;
  const auto handle = at::addThreadLocalCallback(at::RecordFunctionCallback(&count_product));
  call();
  at::removeCallback(handle);
  return products;
}

TEST_F(SimulatedRnn, IsTheCpusToTheBit) {
  const PrecisionScope strict(Precision::kStrict);
  const at::Tensor answer = lstm(kSim);
  EXPECT_EQ(answer.device(), kSim);
  EXPECT_TRUE(at::equal(answer.cpu(), lstm(c10::kCPU)));
}

TEST_F(SimulatedRnn, RunsWhole) {
  const PrecisionScope strict(Precision::kStrict);
  EXPECT_EQ(products_of([&] { lstm(kSim); }), products_of([&] { lstm(c10::kCPU); }));
}

TEST_F(SimulatedRnn, RunsInPiecesWhereItIsRounded) {
  const PrecisionScope tf32(Precision::kTf32);
  EXPECT_GE(products_of([&] { lstm(kSim); }), 7) << "one for all inputs, and one a step";
}

TEST_F(SimulatedRnn, RunsInPiecesWhereAGradientIsWanted) {
  const PrecisionScope strict(Precision::kStrict);
  weights_[0].requires_grad_();
  at::Tensor answer;
  EXPECT_GE(products_of([&] { answer = lstm(kSim); }), 7);
  answer.sum().backward();
  EXPECT_TRUE(weights_[0].grad().defined());
  const at::NoGradGuard no_grad;
  EXPECT_EQ(products_of([&] { lstm(kSim); }), products_of([&] { lstm(c10::kCPU); }));
}

TEST_F(SimulatedRnn, RunsInPiecesWhereItDraws) {
  const PrecisionScope strict(Precision::kStrict);
  EXPECT_GE(products_of([&] { lstm(kSim, 0.5); }), 7);
}

TEST_F(SimulatedRnn, RefusesAStateThatStayed) {
  const PrecisionScope strict(Precision::kStrict);
  std::vector<at::Tensor> weights;
  for (const at::Tensor& weight : weights_) weights.push_back(weight.to(kSim));
  try {
    at::lstm(input_.to(kSim), states_, weights, true, 1, 0.0, false, false, false);
    FAIL() << "it ran";
  } catch (const c10::Error& error) {
    EXPECT_THAT(error.what_without_backtrace(),
                HasSubstr("Input and hidden tensors are not at the same device, found input tensor "
                          "at sim:0 and hidden tensor at cpu"));
  }
}

TEST_F(SimulatedRnn, TakesOtherKindsAndPackedSequences) {
  const PrecisionScope strict(Precision::kStrict);
  const at::NoGradGuard no_grad;
  torch::nn::GRU gru(torch::nn::GRUOptions(4, 5).num_layers(2).bidirectional(true));
  torch::nn::RNN rnn(torch::nn::RNNOptions(4, 5).nonlinearity(torch::kReLU));
  const auto answers = [&](c10::Device device) {
    gru->to(device);
    rnn->to(device);
    const auto packed = torch::nn::utils::rnn::pack_padded_sequence(
        input_.to(device), torch::tensor({6, 4, 1}), /*batch_first=*/false);
    const auto packed_answer = std::get<0>(gru->forward_with_packed_input(packed));
    return std::vector<at::Tensor>{std::get<0>(gru(input_.to(device))).cpu(),
                                   std::get<0>(rnn(input_.to(device))).cpu(),
                                   packed_answer.data().cpu()};
  };
  const std::vector<at::Tensor> on_cpu = answers(c10::kCPU);
  const std::vector<at::Tensor> on_sim = answers(kSim);
  for (size_t i = 0; i < on_cpu.size(); ++i) EXPECT_TRUE(at::equal(on_sim[i], on_cpu[i])) << i;
}

}  // namespace
}  // namespace crosstrace
