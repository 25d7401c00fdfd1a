// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/devices/move.h>
#include <crosstrace/devices/precision.h>
#include <crosstrace/devices/simulated/simulated_device.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/embedding.h>
#include <torch/nn/modules/normalization.h>
#include <torch/nn/modules/pooling.h>
#include <torch/nn/modules/rnn.h>
#include <torch/nn/modules/transformercoder.h>
#include <torch/nn/modules/transformerlayer.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <thread>

namespace crosstrace {
namespace {

using testing::HasSubstr;

const c10::Device kSim0(c10::DeviceType::PrivateUse1, 0);
const c10::Device kSim1(c10::DeviceType::PrivateUse1, 1);

class SimulatedAutograd : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(install_simulated_device(), ""); }

  const PrecisionScope strict_{Precision::kStrict};
};

/// Runs `make()` forward and backward on the CPU and on both devices: outputs and all gradients
/// must agree.
template <class Make>
void expect_same_gradients(const Make& make, const at::Tensor& input) {
  torch::manual_seed(2);
  auto reference = make();
  at::Tensor leaf = input.clone().requires_grad_();
  const at::Tensor expected = reference.forward(leaf);
  expected.pow(2).sum().backward();
  for (const c10::Device device : {kSim0, kSim1}) {
    SCOPED_TRACE(device.str());
    torch::manual_seed(2);
    auto module = make();
    move_module(module, device);
    at::Tensor moved = input.to(device).requires_grad_();
    const at::Tensor output = module.forward(moved);
    EXPECT_EQ(output.device(), device);
    EXPECT_TRUE(torch::allclose(output.cpu(), expected, 1e-5, 1e-6));
    output.pow(2).sum().backward();
    EXPECT_EQ(moved.grad().device(), device);
    EXPECT_TRUE(torch::allclose(moved.grad().cpu(), leaf.grad(), 1e-4, 1e-5));
    const auto parameters = module.parameters();
    for (size_t i = 0; i < parameters.size(); ++i) {
      const at::Tensor wanted = reference.parameters()[i].grad();
      if (!wanted.defined()) continue;
      EXPECT_TRUE(torch::allclose(parameters[i].grad().cpu(), wanted, 1e-4, 1e-5))
          << "parameter " << i;
    }
  }
}

struct ConvolutionsImpl : torch::nn::Module {
  ConvolutionsImpl() {
    using namespace torch::nn;
    layers = register_module(
        "layers", Sequential(Conv2d(Conv2dOptions(3, 6, 3).padding(1)), BatchNorm2d(6), ReLU(),
                             MaxPool2d(2), Conv2d(Conv2dOptions(6, 6, 3).groups(3)),
                             ConvTranspose2d(ConvTranspose2dOptions(6, 4, 2).stride(2)), Flatten(),
                             Linear(64, 5)));
  }
  at::Tensor forward(const at::Tensor& x) { return layers->forward(x); }
  torch::nn::Sequential layers;
};

struct RecurrentImpl : torch::nn::Module {
  RecurrentImpl() {
    lstm = register_module(
        "lstm", torch::nn::LSTM(torch::nn::LSTMOptions(4, 5).num_layers(2).bidirectional(true)));
    gru = register_module("gru", torch::nn::GRU(torch::nn::GRUOptions(10, 3).bias(false)));
    rnn = register_module("rnn", torch::nn::RNN(3, 2));
  }
  at::Tensor forward(const at::Tensor& x) {
    const at::Tensor from_lstm = std::get<0>(lstm(x));
    return std::get<0>(rnn(std::get<0>(gru(from_lstm))));
  }
  torch::nn::LSTM lstm{nullptr};
  torch::nn::GRU gru{nullptr};
  torch::nn::RNN rnn{nullptr};
};

struct TransformerImpl : torch::nn::Module {
  TransformerImpl() {
    torch::nn::TransformerEncoderLayer layer(
        torch::nn::TransformerEncoderLayerOptions(8, 2).dropout(0.0));
    encoder = register_module("encoder", torch::nn::TransformerEncoder(layer, 2));
    attention = register_module("attention", torch::nn::MultiheadAttention(8, 2));
  }
  at::Tensor forward(const at::Tensor& x) {
    const at::Tensor y = encoder(x);
    return at::scaled_dot_product_attention(y, std::get<0>(attention(y, y, y)), x, {}, 0.0, true);
  }
  torch::nn::TransformerEncoder encoder{nullptr};
  torch::nn::MultiheadAttention attention{nullptr};
};

struct LossesImpl : torch::nn::Module {
  LossesImpl() {
    embedding = register_module("embedding", torch::nn::EmbeddingBag(10, 6));
    norm = register_module("norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({6})));
  }
  at::Tensor forward(const at::Tensor& x) {
    const at::Tensor index = torch::arange(8, at::device(x.device()).dtype(at::kLong)).view({2, 4});
    const at::Tensor y = norm(embedding(index)) * x;
    const at::Tensor loss =
        torch::nll_loss(torch::log_softmax(y, 1), index.select(1, 1)) + torch::gelu(y).std();
    return torch::stack(
        {loss, std::get<0>(y.sort(1)).cumsum(1).sum(), y.index({torch::tensor({1})}).sum()});
  }
  torch::nn::EmbeddingBag embedding{nullptr};
  torch::nn::LayerNorm norm{nullptr};
};

TEST_F(SimulatedAutograd, ConvolutionsLearn) {
  expect_same_gradients([] { return ConvolutionsImpl(); }, torch::rand({2, 3, 8, 8}));
}
TEST_F(SimulatedAutograd, RecurrentLayersLearn) {
  expect_same_gradients([] { return RecurrentImpl(); }, torch::rand({5, 2, 4}));
}
TEST_F(SimulatedAutograd, TransformersLearn) {
  expect_same_gradients([] { return TransformerImpl(); }, torch::rand({5, 2, 8}));
}
TEST_F(SimulatedAutograd, EmbeddingsAndLossesLearn) {
  expect_same_gradients([] { return LossesImpl(); }, torch::rand({2, 6}));
}

TEST_F(SimulatedAutograd, AttentionUsesTheFusedKernelWhereTheCpuDoes) {
  const at::Tensor input = torch::rand({2, 3, 4, 8});
  for (const bool masked : {false, true}) {
    const std::optional<at::Tensor> mask =
        masked ? std::optional(torch::rand({2, 3, 4, 4})) : std::nullopt;
    const std::optional<at::Tensor> moved_mask =
        masked ? std::optional(mask->to(kSim0)) : std::nullopt;
    at::Tensor query = input.clone().requires_grad_();
    at::Tensor moved = input.to(kSim0).requires_grad_();
    const at::Tensor expected = at::scaled_dot_product_attention(query, query, query, mask);
    const at::Tensor output = at::scaled_dot_product_attention(moved, moved, moved, moved_mask);
    EXPECT_THAT(output.grad_fn()->name(), HasSubstr("Overrideable"));
    EXPECT_TRUE(torch::equal(output.cpu(), expected));
    expected.sum().backward();
    output.sum().backward();
    EXPECT_TRUE(torch::allclose(moved.grad().cpu(), query.grad()));
  }
}

TEST_F(SimulatedAutograd, AMaskThatLearnsGetsItsGradient) {
  const at::Tensor input = torch::rand({2, 3, 4, 8}, kSim0);
  at::Tensor mask = torch::rand({2, 3, 4, 4}, at::device(kSim0).requires_grad(true));
  at::scaled_dot_product_attention(input, input, input, mask).sum().backward();
  EXPECT_EQ(mask.grad().device(), kSim0);
}

TEST_F(SimulatedAutograd, OneBackwardPassSpansBothDevices) {
  at::Tensor left = torch::rand({3}, at::device(kSim0).requires_grad(true));
  at::Tensor right = torch::rand({3}, at::device(kSim1).requires_grad(true));
  at::Tensor host = torch::rand({3}, at::requires_grad());
  (left.exp().to(kSim1) * right + host.to(kSim1)).cpu().sum().backward();
  EXPECT_EQ(left.grad().device(), kSim0);
  EXPECT_EQ(right.grad().device(), kSim1);
  EXPECT_EQ(host.grad().device(), c10::Device(c10::kCPU));
  EXPECT_TRUE(torch::allclose(right.grad().cpu(), left.detach().exp().cpu()));
}

TEST_F(SimulatedAutograd, ThreadsHaveTheirOwnCurrentDevice) {
  std::vector<std::thread> threads;
  std::vector<int> wrong(2, 0);
  for (int8_t index = 0; index < 2; ++index) {
    threads.emplace_back([&, index] {
      const c10::DeviceGuard guard(c10::Device(c10::DeviceType::PrivateUse1, index));
      for (int i = 0; i < 200; ++i) {
        const at::Tensor x = torch::ones({64}, at::device(c10::Device("sim")).requires_grad(true));
        (x * x).sum().backward();
        wrong[index] += x.device().index() != index || x.grad().sum().item<float>() != 128;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>({0, 0}));
}

}  // namespace
}  // namespace crosstrace
