// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/gru_compositeimplicitautograd_dispatch.h>
#include <ATen/ops/lstm_compositeimplicitautograd_dispatch.h>
#include <ATen/ops/rnn_relu_compositeimplicitautograd_dispatch.h>
#include <ATen/ops/rnn_tanh_compositeimplicitautograd_dispatch.h>
#include <crosstrace/devices/simulated/backend/device.h>
#include <crosstrace/devices/simulated/backend/host_call.h>
#include <crosstrace/devices/simulated/backend/loss.h>
#include <crosstrace/devices/simulated/kernels/kernels.h>
#include <crosstrace/devices/simulated/kernels/tf32.h>
#include <crosstrace/operators/cudnn_rnn.h>

#include <algorithm>
#include <utility>
#include <vector>

// CUDA leaves a whole RNN to cuDNN. So does the simulated device to the CPU, after what cuDNN asks
// first, where nothing is drawn, rounded to TF32 or recorded for a gradient. Elsewhere LibTorch's own
// code for it runs, made of other operators, whose matrix products are told whose they are.
namespace crosstrace::simulated {
namespace {

using Pair = std::tuple<at::Tensor, at::Tensor>;
using Triple = std::tuple<at::Tensor, at::Tensor, at::Tensor>;

using LstmInput = Triple (*)(const at::Tensor&, at::TensorList, at::TensorList, bool, int64_t,
                             double, bool, bool, bool);
using LstmData = Triple (*)(const at::Tensor&, const at::Tensor&, at::TensorList, at::TensorList,
                            bool, int64_t, double, bool, bool);
using RnnInput = Pair (*)(const at::Tensor&, const at::Tensor&, at::TensorList, bool, int64_t,
                          double, bool, bool, bool);
using RnnData = Pair (*)(const at::Tensor&, const at::Tensor&, const at::Tensor&, at::TensorList,
                         bool, int64_t, double, bool, bool);

/// What is asked of the arguments of any of them.
struct Rnn {
  const at::Tensor& input;
  at::TensorList states;
  at::TensorList weights;
  bool draws;
};

template <class... Rest>
Rnn rnn_of(const at::Tensor& input, at::TensorList states, at::TensorList weights, bool /*biases*/,
           int64_t /*layers*/, double dropout, bool train, const Rest&...) {
  return {input, states, weights, train && dropout > 0};
}

/// Of packed sequences.
template <class... Rest>
Rnn rnn_of(const at::Tensor& data, const at::Tensor& /*batch_sizes*/, at::TensorList states,
           at::TensorList weights, bool /*biases*/, int64_t /*layers*/, double dropout, bool train,
           const Rest&...) {
  return {data, states, weights, train && dropout > 0};
}

bool runs_whole(const Rnn& rnn) {
  const auto dtype = rnn.input.scalar_type();
  if (rnn.draws || product_rounding() != Tf32Rounding::kNone) return false;
  if (dtype != at::kFloat && dtype != at::kDouble) return false;
  const auto fits = [&](const at::Tensor& tensor) {
    return tensor.defined() && tensor.device() == rnn.input.device() &&
           tensor.scalar_type() == dtype && !(at::GradMode::is_enabled() && tensor.requires_grad());
  };
  return is_simulated(rnn.input) && fits(rnn.input) &&
         std::all_of(rnn.states.begin(), rnn.states.end(), fits) &&
         std::all_of(rnn.weights.begin(), rnn.weights.end(), fits);
}

at::Tensor on_host(HostCall& call, const at::Tensor& tensor) { return call.to_host(tensor); }

std::vector<at::Tensor> on_host(HostCall& call, at::TensorList tensors) {
  std::vector<at::Tensor> result;
  for (const at::Tensor& tensor : tensors) result.push_back(call.to_host(tensor));
  return result;
}

template <class Number>
Number on_host(HostCall&, Number number) {
  return number;
}

template <auto run>
struct AsRnn;

template <class Result, class... Arguments, Result (*run)(Arguments...)>
struct AsRnn<run> {
  static Result call(Arguments... arguments) {
    const Rnn rnn = rnn_of(arguments...);
    check_cudnn_states(rnn.input, rnn.states, rnn.weights);
    const RnnScope scope;
    if (!runs_whole(rnn)) return run(std::forward<Arguments>(arguments)...);
    const c10::Device device = rnn.input.device();
    check_not_lost(device.index());
    const IndexGuard index_guard(device.index());
    const at::AutoDispatchBelowADInplaceOrView below_autograd;
    HostCall host(device, "an RNN");
    return std::apply(
        [&](auto... results) { return Result(host.to_device(std::move(results))...); },
        run(on_host(host, arguments)...));
  }
};

namespace composite = at::compositeimplicitautograd;

}  // namespace

void register_rnns(torch::Library& library) {
  library.impl("lstm.input", &AsRnn<static_cast<LstmInput>(&composite::lstm)>::call);
  library.impl("lstm.data", &AsRnn<static_cast<LstmData>(&composite::lstm)>::call);
  library.impl("gru.input", &AsRnn<static_cast<RnnInput>(&composite::gru)>::call);
  library.impl("gru.data", &AsRnn<static_cast<RnnData>(&composite::gru)>::call);
  library.impl("rnn_tanh.input", &AsRnn<static_cast<RnnInput>(&composite::rnn_tanh)>::call);
  library.impl("rnn_tanh.data", &AsRnn<static_cast<RnnData>(&composite::rnn_tanh)>::call);
  library.impl("rnn_relu.input", &AsRnn<static_cast<RnnInput>(&composite::rnn_relu)>::call);
  library.impl("rnn_relu.data", &AsRnn<static_cast<RnnData>(&composite::rnn_relu)>::call);
}

}  // namespace crosstrace::simulated
