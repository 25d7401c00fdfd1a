// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/Tensor.h>
#include <ATen/ops/gru_compositeimplicitautograd_dispatch.h>
#include <ATen/ops/lstm_compositeimplicitautograd_dispatch.h>
#include <ATen/ops/rnn_relu_compositeimplicitautograd_dispatch.h>
#include <ATen/ops/rnn_tanh_compositeimplicitautograd_dispatch.h>
#include <crosstrace/devices/simulated/kernels/kernels.h>
#include <crosstrace/devices/simulated/kernels/tf32.h>
#include <crosstrace/operators/cudnn_rnn.h>

#include <utility>

// CUDA leaves a whole RNN to cuDNN. LibTorch's own code for it, made of other operators, runs here,
// after what cuDNN asks first, and its matrix products are told whose they are.
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

template <class... Rest>
void ask_cudnn(const at::Tensor& input, at::TensorList states, at::TensorList weights, bool,
               const Rest&...) {
  check_cudnn_states(input, states, weights);
}

/// Of packed sequences.
template <class... Rest>
void ask_cudnn(const at::Tensor& data, const at::Tensor& /*batch_sizes*/, at::TensorList states,
               at::TensorList weights, bool, const Rest&...) {
  check_cudnn_states(data, states, weights);
}

template <auto run>
struct AsRnn;

template <class Result, class... Arguments, Result (*run)(Arguments...)>
struct AsRnn<run> {
  static Result call(Arguments... arguments) {
    ask_cudnn(arguments...);
    const RnnScope scope;
    return run(std::forward<Arguments>(arguments)...);
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
