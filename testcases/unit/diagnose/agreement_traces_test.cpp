// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/models/register.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/dropout.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/normalization.h>
#include <torch/nn/modules/pooling.h>
#include <torch/nn/modules/rnn.h>
#include <torch/nn/modules/transformerlayer.h>
#include <torch/types.h>

#include "unit/diagnose/agreement.h"

// Traces of C++ models, made on each device: what predictions say is what the cells do.
namespace crosstrace {
namespace {

using at::Tensor;

Model function(Tensor (*forward)(Tensor)) {
  return ModelBuilder("M", {"m.cpp", 1})
      .function(forward)
      .inputs([] {
        return at::rand({3, 4}) + 0.5;
      })
      .build();
}

/// As a Python number in a trace: a constant without dims.
Tensor number() {
  static const auto* two = new Tensor(at::scalar_tensor(2, at::kLong));
  return *two;
}

/// Indices on the CPU, which every device takes.
Tensor at_index(const Tensor& x, const Tensor& index) { return x.index({index}) * 2; }

struct Case {
  const char* name;
  Tensor (*forward)(Tensor x);
};

const Case kCases[] = {
    {"Plain", [](Tensor x) { return x.relu() * 2; }},
    {"ArangeOptions", [](Tensor x) { return x + at::arange(4, x.options()); }},
    {"Arange", [](Tensor x) { return x + at::arange(4).to(x); }},
    {"LinspaceOptions", [](Tensor x) { return x * at::linspace(0, 1, 4, x.options()); }},
    {"EyeOptions", [](Tensor x) { return x.matmul(at::eye(4, x.options())); }},
    {"FullOptions", [](Tensor x) { return x + at::full({4}, 2.0, x.options()); }},
    {"FullScalarOptions", [](Tensor x) { return x + at::full({}, 2.0, x.options()); }},
    {"ScalarTensorOptions", [](Tensor x) { return x * at::scalar_tensor(2.0, x.options()); }},
    {"ZerosLike", [](Tensor x) { return x + at::ones_like(x); }},
    {"NewFull", [](Tensor x) { return x + x.new_full({4}, 2.0); }},
    {"CapturedScalar", [](Tensor x) { return x * torch::tensor(2.0); }},
    {"CapturedTensor",
     [](Tensor x) {
       return x * torch::tensor({1.F, 2.F, 3.F, 4.F}, x.device());
     }},
    {"CapturedIndex",
     [](Tensor x) {
       return x.index({torch::tensor({0, 2}, x.device())}) * 2;
     }},
    {"CapturedIndexOnCpu",
     [](Tensor x) {
       return x.index({torch::tensor({0, 2})}) * 2;
     }},
    {"CapturedIndexSelect",
     [](Tensor x) {
       return x.index_select(1, torch::tensor({0, 2}, x.device()));
     }},
    {"ToItsDevice", [](Tensor x) { return x.to(x.device()) * 2; }},
    {"ToItsDeviceMidway", [](Tensor x) { return (x * 2).to(x.device()) + x; }},
    {"MovedBack", [](Tensor x) { return at::arange(4, x.options()).to(x) + x; }},
    {"ToDouble", [](Tensor x) { return x.to(at::kDouble).to(at::kFloat) + x; }},
    {"SliceAndSelect", [](Tensor x) { return x.slice(1, 0, 2) + x.select(1, 3).unsqueeze(1); }},
    {"Mask", [](Tensor x) { return x.masked_fill(x > 1, 0.5) + 1; }},
    {"BakedMask",
     [](Tensor x) { return x.masked_fill(at::ones({4}, x.options().dtype(at::kBool)), 0.5) * x; }},
    {"WhereScalar",
     [](Tensor x) { return at::where(x > 1, x, at::scalar_tensor(0.5, x.options())); }},
    {"Einsum",
     [](Tensor x) {
       return at::einsum("ij,kj->ik", {x, x});
     }},
    {"EinsumBaked",
     [](Tensor x) {
       return at::einsum("ij,jk->ik", {x, at::ones({4, 2}, x.options())});
     }},
    {"Softmax", [](Tensor x) { return at::softmax(x, 1) + at::log_softmax(x, 1); }},
    {"CatBaked",
     [](Tensor x) {
       return at::cat({x, at::zeros({1, 4}, x.options())});
     }},
    {"PadAndFlip",
     [](Tensor x) {
       return at::constant_pad_nd(x, {1, 1}, 0.0).flip({1});
     }},
    {"CumsumMask", [](Tensor x) { return at::ones_like(x).cumsum(1) * x; }},
    {"BakedItem", [](Tensor x) { return x * at::arange(4).sum().item<int64_t>(); }},
    {"InPlace", [](Tensor x) { return x.clone().add_(at::ones({4}, x.options())); }},
    {"InPlaceWithMoreDims",
     [](Tensor x) {
       return x.clone().mul_(at::arange(4, x.options()).view({1, 4}));
     }},
    {"InPlaceOnRow",
     [](Tensor x) {
       Tensor y = x.clone();
       y.select(0, 0).add_(at::arange(4, x.options()));
       return y;
     }},
    {"NumberAdded", [](Tensor x) { return at_index(x, at::arange(1) + number()); }},
    {"NumberSubtracted", [](Tensor x) { return at_index(x, at::arange(2, 4) - number()); }},
    {"NumberMultiplied", [](Tensor x) { return at_index(x, at::arange(2) * number()); }},
    {"NumberDivided",
     [](Tensor x) { return at_index(x, (at::arange(4) / number()).to(at::kLong)); }},
    {"NumberFirst", [](Tensor x) { return at_index(x, number() * at::arange(2)); }},
    {"NumberFloorDivides",
     [](Tensor x) { return at_index(x, at::floor_divide(at::arange(4), number())); }},
    {"NumberInPlace", [](Tensor x) { return at_index(x, at::arange(2).mul_(number())); }},
    {"NumberOfAMaximum",
     [](Tensor x) { return at_index(x, at::maximum(at::arange(2), number())); }},
    {"InPlaceFill", [](Tensor x) { return x.clone().fill_(2.0) + x; }},
    {"CopyBaked",
     [](Tensor x) {
       Tensor y = x.clone();
       y.copy_(at::arange(4, x.options()));
       return y + x;
     }},
    {"TriuMask",
     [](Tensor x) {
       return x.matmul(x.t()) + at::triu(at::full({3, 3}, -1.0, x.options()), 1);
     }},
};

class TraceAgreement : public ::testing::TestWithParam<Case> {};

TEST_P(TraceAgreement, PredictsWhatEveryCellDoes) {
  expect_agreement(function(GetParam().forward));
}

INSTANTIATE_TEST_SUITE_P(Diagnose, TraceAgreement, ::testing::ValuesIn(kCases),
                         [](const auto& info) { return std::string(info.param.name); });

template <class Factory>
void expect_module_agreement(Factory factory, std::vector<int64_t> sizes) {
  expect_agreement(ModelBuilder("M", {"m.cpp", 1})
                       .module(factory)
                       .inputs([sizes] { return at::rand(sizes) + 0.5; })
                       .build());
}

TEST(ModuleTraceAgreement, PredictsConvolutions) {
  expect_module_agreement(
      [] {
        return torch::nn::Sequential(torch::nn::Conv2d(3, 4, 3), torch::nn::BatchNorm2d(4),
                                     torch::nn::ReLU(), torch::nn::MaxPool2d(2),
                                     torch::nn::Flatten(), torch::nn::Linear(4 * 3 * 3, 5));
      },
      {2, 3, 8, 8});
}

TEST(ModuleTraceAgreement, PredictsNormalisations) {
  expect_module_agreement(
      [] {
        return torch::nn::Sequential(
            torch::nn::LayerNorm(torch::nn::LayerNormOptions({6})), torch::nn::GELU(),
            torch::nn::GroupNorm(torch::nn::GroupNormOptions(2, 4)), torch::nn::Dropout(0.3));
      },
      {3, 4, 6});
}

TEST(ModuleTraceAgreement, PredictsTransformers) {
  using Layer = torch::nn::TransformerEncoderLayerImpl;
  expect_agreement(ModelBuilder("M", {"m.cpp", 1})
                       .module(
                           [] {
                             return std::make_shared<Layer>(
                                 torch::nn::TransformerEncoderLayerOptions(8, 2));
                           },
                           [](Layer& layer, Tensor x) { return layer.forward(x); })
                       .inputs([] {
                         return at::rand({5, 2, 8});
                       })
                       .build());
}

template <class Impl>
Model recurrent() {
  return ModelBuilder("M", {"m.cpp", 1})
      .module([] { return std::make_shared<Impl>(8, 4); },
              [](Impl& module, Tensor x) { return std::get<0>(module.forward(x)); })
      .inputs([] {
        return at::rand({5, 2, 8});
      })
      .build();
}

TEST(ModuleTraceAgreement, PredictsRecurrences) {
  expect_agreement(recurrent<torch::nn::LSTMImpl>());
  expect_agreement(recurrent<torch::nn::GRUImpl>());
  expect_agreement(recurrent<torch::nn::RNNImpl>());
}

}  // namespace
}  // namespace crosstrace
