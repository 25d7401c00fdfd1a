// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// What the simulated device rounds, and what it must not.

#include <ATen/ATen.h>
#include <crosstrace/devices/precision.h>
#include <crosstrace/devices/simulated/kernels/tf32.h>
#include <crosstrace/devices/simulated/simulated_device.h>
#include <gmock/gmock.h>

#include <cmath>
#include <limits>

namespace crosstrace {
namespace {

using simulated::rounded_to_tf32;
using simulated::Tf32Rounding;

const float kTie = 1 + std::ldexp(1.0F, -11);  ///< Half way between 1 and the next of 10 bits.
const float kNext = 1 + std::ldexp(1.0F, -10);
const c10::Device kSim(c10::DeviceType::PrivateUse1, 0);

class SimulatedTf32 : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(install_simulated_device(), ""); }
};

at::Tensor on_sim(float value, at::IntArrayRef shape) { return at::full(shape, value).to(kSim); }

float number(const at::Tensor& tensor) { return tensor.cpu().flatten()[0].item<float>(); }

/// The product of a value with 1, computed in each way.
float by_mm(float value) { return number(at::mm(on_sim(value, {1, 1}), on_sim(1, {1, 1}))); }

float by_convolution(float value) {
  return number(at::conv2d(on_sim(value, {1, 1, 1, 1}), on_sim(1, {1, 1, 1, 1})));
}

float recorded(float value, bool cudnn, bool allow_tf32) {
  return number(at::_convolution(on_sim(value, {1, 1, 1}), on_sim(1, {1, 1, 1}), {}, {1}, {0}, {1},
                                 false, {0}, 1, false, false, cudnn, allow_tf32));
}

/// One step of an RNN without memory: relu(value * 1).
float by_rnn(float value) {
  const auto [output, hidden] =
      at::rnn_relu(on_sim(value, {1, 1, 1}), on_sim(0, {1, 1, 1}),
                   {on_sim(1, {1, 1}), on_sim(0, {1, 1})}, false, 1, 0.0, false, false, false);
  return number(output);
}

float rounded(float value, Tf32Rounding rounding) {
  return rounded_to_tf32(at::full({1}, value), rounding).item<float>();
}

TEST_F(SimulatedTf32, RoundsToTenBits) {
  for (const float sign : {1.0F, -1.0F}) {
    EXPECT_EQ(rounded(sign * kTie, Tf32Rounding::kTiesToEven), sign * 1);
    EXPECT_EQ(rounded(sign * kTie, Tf32Rounding::kTiesAway), sign * kNext);
    for (const auto rounding : {Tf32Rounding::kTiesToEven, Tf32Rounding::kTiesAway}) {
      EXPECT_EQ(rounded(sign * std::nextafter(kTie, 0.0F), rounding), sign * 1);
      EXPECT_EQ(rounded(sign * std::nextafter(kTie, 2.0F), rounding), sign * kNext);
      EXPECT_EQ(rounded(sign * std::nextafter(2.0F, 0.0F), rounding), sign * 2) << "carries";
      EXPECT_EQ(rounded(sign * kNext, rounding), sign * kNext);
    }
  }
  EXPECT_EQ(rounded(kNext + std::ldexp(1.0F, -11), Tf32Rounding::kTiesToEven),
            1 + std::ldexp(1.0F, -9));
  EXPECT_EQ(rounded(kTie, Tf32Rounding::kNone), kTie);
}

TEST_F(SimulatedTf32, KeepsWhatIsNotFinite) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(rounded(kInfinity, Tf32Rounding::kTiesAway), kInfinity);
  EXPECT_EQ(rounded(-kInfinity, Tf32Rounding::kTiesToEven), -kInfinity);
  EXPECT_TRUE(
      std::isnan(rounded(std::numeric_limits<float>::signaling_NaN(), Tf32Rounding::kTiesAway)));
}

TEST_F(SimulatedTf32, RoundsOnlyFloat32AndItsPairs) {
  const at::Tensor wide = at::full({2}, 1 + std::ldexp(1.0, -11), at::kDouble);
  EXPECT_TRUE(rounded_to_tf32(wide, Tf32Rounding::kTiesAway).is_same(wide));
  const at::Tensor pair = at::complex(at::full({2}, kTie), at::full({2}, -kTie));
  const at::Tensor even = rounded_to_tf32(pair, Tf32Rounding::kTiesToEven);
  EXPECT_TRUE(at::equal(even, at::complex(at::full({2}, 1.0F), at::full({2}, -1.0F))));
  const at::Tensor turned = at::full({2, 3}, kTie).t();
  EXPECT_TRUE(at::equal(rounded_to_tf32(turned, Tf32Rounding::kTiesAway), at::full({3, 2}, kNext)));
}

TEST_F(SimulatedTf32, IsExactIfStrict) {
  const PrecisionScope strict(Precision::kStrict);
  EXPECT_EQ(by_mm(kTie), kTie);
  EXPECT_EQ(by_convolution(kTie), kTie);
  EXPECT_EQ(by_rnn(kTie), kTie);
  EXPECT_EQ(recorded(kTie, true, false), kTie);
}

TEST_F(SimulatedTf32, RoundsAsCudaWouldEverywhere) {
  const PrecisionScope tf32(Precision::kTf32);
  EXPECT_EQ(by_mm(kTie), 1);
  EXPECT_EQ(by_convolution(kTie), kNext);
  EXPECT_EQ(by_rnn(kTie), 1);
}

TEST_F(SimulatedTf32, FollowsLibTorchsDefaults) {
  EXPECT_EQ(by_mm(kTie), kTie);
  EXPECT_EQ(by_convolution(kTie), kNext);
  EXPECT_EQ(by_rnn(kTie), 1);
}

TEST_F(SimulatedTf32, ObeysTheFlagThatReachesTheConvolution) {
  {
    const PrecisionScope strict(Precision::kStrict);
    EXPECT_EQ(recorded(kTie, true, true), kNext) << "flags of the process do not matter";
    EXPECT_EQ(recorded(kTie, false, true), kTie) << "without cuDNN, cuBLAS's flag does";
  }
  const PrecisionScope tf32(Precision::kTf32);
  EXPECT_EQ(recorded(kTie, true, false), kTie);
  EXPECT_EQ(recorded(kTie, false, false), 1);
}

TEST_F(SimulatedTf32, KeepsRnnAndProductsApart) {
  using at::Float32Backend, at::Float32Op, at::Float32Precision;
  const PrecisionScope strict(Precision::kStrict);
  at::Context& context = at::globalContext();
  context.setFloat32Precision(Float32Backend::CUDA, Float32Op::MATMUL, Float32Precision::TF32);
  EXPECT_EQ(by_mm(kTie), 1);
  EXPECT_EQ(by_rnn(kTie), kTie);
  context.setUserEnabledCuDNN(false);
  EXPECT_EQ(by_rnn(kTie), 1) << "without cuDNN an RNN is made of products";
  context.setUserEnabledCuDNN(true);
}

TEST_F(SimulatedTf32, RoundsEveryFormOfAProduct) {
  const PrecisionScope tf32(Precision::kTf32);
  const at::Tensor a = on_sim(kTie, {1, 1}), b = on_sim(1, {1, 1}), zero = on_sim(0, {1, 1});
  const at::Tensor batch = on_sim(kTie, {1, 1, 1}), other = on_sim(1, {1, 1, 1});
  EXPECT_EQ(number(at::bmm(batch, other)), 1);
  EXPECT_EQ(number(at::matmul(a, b)), 1);
  EXPECT_EQ(number(at::linear(a, b)), 1);
  EXPECT_EQ(number(at::linear(a, b, on_sim(0, {1}))), 1);
  EXPECT_EQ(number(at::addmm(zero, b, a)), 1);
  EXPECT_EQ(number(at::baddbmm(on_sim(0, {1, 1, 1}), batch, other)), 1);
  EXPECT_EQ(number(at::addbmm(zero, batch, other)), 1);
  EXPECT_EQ(number(zero.clone().addmm_(a, b)), 1);
  at::Tensor out = zero.clone();
  EXPECT_EQ(number(at::mm_out(out, a, b)), 1);
  EXPECT_EQ(number(a), kTie) << "operands stay as they are";
}

TEST_F(SimulatedTf32, LeavesSumsVectorsAndDepthwiseConvolutions) {
  const PrecisionScope tf32(Precision::kTf32);
  const at::Tensor zero = on_sim(0, {1, 1}), tie = on_sim(kTie, {1, 1});
  EXPECT_EQ(number(at::addmm(tie, zero, zero)), kTie);
  EXPECT_EQ(number(at::mv(tie, on_sim(1, {1}))), kTie);
  EXPECT_EQ(number(tie * 1), kTie);
  const at::Tensor image = on_sim(kTie, {1, 2, 1, 1}), filters = on_sim(1, {2, 1, 1, 1});
  EXPECT_EQ(number(at::convolution(image, filters, {}, {1, 1}, {0, 0}, {1, 1}, false, {0, 0}, 2)),
            kTie);
  EXPECT_EQ(number(at::conv2d(on_sim(0, {1, 1, 1, 1}), on_sim(1, {1, 1, 1, 1}), on_sim(kTie, {1}))),
            kTie);
}

TEST_F(SimulatedTf32, RoundsGradientsOfConvolutions) {
  const PrecisionScope tf32(Precision::kTf32);
  const at::Tensor weight = on_sim(kTie, {1, 1, 1, 1}).requires_grad_();
  const at::Tensor image = on_sim(1, {1, 1, 1, 1}).requires_grad_();
  const at::Tensor bias = on_sim(0, {1}).requires_grad_();
  at::conv2d(image, weight, bias).backward(on_sim(kTie, {1, 1, 1, 1}));
  EXPECT_EQ(number(weight.grad()), kNext);
  EXPECT_EQ(number(bias.grad()), kTie) << "a sum";
}

TEST_F(SimulatedTf32, LetsGradientsThroughAnRnn) {
  const at::Tensor input = on_sim(1, {4, 1, 2}).requires_grad_();
  const auto [output, hidden, cell] =
      at::lstm(input, {on_sim(0, {1, 1, 3}), on_sim(0, {1, 1, 3})},
               {on_sim(0.5, {12, 2}), on_sim(0.25, {12, 3})}, false, 1, 0.0, false, false, false);
  output.sum().backward();
  EXPECT_TRUE(input.grad().defined());
  EXPECT_GT(input.grad().abs().sum().cpu().item<float>(), 0);
}

}  // namespace
}  // namespace crosstrace
