// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <ATen/core/grad_mode.h>
#include <c10/core/DefaultDtype.h>
#include <crosstrace/devices/process_state.h>

#include <array>

namespace crosstrace {
namespace {

constexpr std::array kAutocastDevices = {at::kCPU, at::kCUDA, at::kXPU, at::kPrivateUse1};

struct Autocast {
  bool enabled = false;
  at::ScalarType dtype = at::kHalf;
};

}  // namespace

struct ProcessStateScope::State {
  caffe2::TypeMeta dtype = c10::get_default_dtype();
  int threads = at::get_num_threads();
  bool deterministic = at::globalContext().deterministicAlgorithms();
  bool deterministic_warns = at::globalContext().deterministicAlgorithmsWarnOnly();
  bool fills_memory = at::globalContext().deterministicFillUninitializedMemory();
  bool deterministic_cudnn = at::globalContext().deterministicCuDNN();
  bool benchmark_cudnn = at::globalContext().benchmarkCuDNN();
  bool mkldnn = at::globalContext().userEnabledMkldnn();
  std::array<Autocast, kAutocastDevices.size()> autocast;
  bool autocast_cache = at::autocast::is_autocast_cache_enabled();
  bool grad_mode = at::GradMode::is_enabled();
};

ProcessStateScope::ProcessStateScope() : state_(std::make_unique<State>()) {
  for (std::size_t i = 0; i < kAutocastDevices.size(); ++i) {
    state_->autocast[i] = {at::autocast::is_autocast_enabled(kAutocastDevices[i]),
                           at::autocast::get_autocast_dtype(kAutocastDevices[i])};
  }
}

ProcessStateScope::~ProcessStateScope() {
  at::Context& context = at::globalContext();
  c10::set_default_dtype(state_->dtype);
  if (at::get_num_threads() != state_->threads) at::set_num_threads(state_->threads);
  context.setDeterministicAlgorithms(state_->deterministic, state_->deterministic_warns);
  context.setDeterministicFillUninitializedMemory(state_->fills_memory);
  context.setDeterministicCuDNN(state_->deterministic_cudnn);
  context.setBenchmarkCuDNN(state_->benchmark_cudnn);
  context.setUserEnabledMkldnn(state_->mkldnn);
  for (std::size_t i = 0; i < kAutocastDevices.size(); ++i) {
    at::autocast::set_autocast_enabled(kAutocastDevices[i], state_->autocast[i].enabled);
    at::autocast::set_autocast_dtype(kAutocastDevices[i], state_->autocast[i].dtype);
  }
  at::autocast::set_autocast_cache_enabled(state_->autocast_cache);
  at::GradMode::set_enabled(state_->grad_mode);
}

}  // namespace crosstrace
