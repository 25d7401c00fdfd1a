// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// Models for which moving does not help: what they lack or carry is not a parameter. Each names the
// cells that fail and why.

#include <crosstrace/models/register.h>
#include <torch/torch.h>

namespace {

using crosstrace::moved;
using crosstrace::run_on;
using crosstrace::traced_on;
using crosstrace::Transfer;
using crosstrace::transferred_by;
using crosstrace::Verdict;

// torch::nn::LSTM makes its initial hidden state from the input's options: the trace keeps the
// device as a literal.
CROSSTRACE_REGISTER(RecurrentModel)
    .module([] { return torch::nn::LSTM(torch::nn::LSTMOptions(8, 16).batch_first(true)); },
            [](torch::nn::LSTMImpl& lstm, torch::Tensor x) { return std::get<0>(lstm.forward(x)); })
    .inputs([] {
      return torch::randn({2, 5, 8});
    })
    // cuDNN is asked first, with a hidden state that lies on sim.
    .expect_failure(traced_on("sim") && run_on("cuda"), Verdict::kError, "aten::_cudnn_rnn")
    .expect_failure(moved(), Verdict::kError,
                    "Input and hidden tensors are not at the same device");

// A factory with the input's options: the device is a literal in the graph, which neither `to` nor
// `load` rewrites.
CROSSTRACE_REGISTER(ArangeModel)
    .function([](torch::Tensor x) { return x + torch::arange(x.size(1), x.options()); })
    .inputs([] {
      return torch::randn({2, 6});
    })
    .expect_failure(moved(), Verdict::kError, "Expected all tensors to be on the same device");

// A tensor made while tracing is a constant of the graph: `load` moves it, `to` does not. Traced
// elsewhere than on the CPU its making is recorded too, with device literals, and `load` does not
// help either.
CROSSTRACE_REGISTER(CapturedTensorModel)
    .function([](torch::Tensor x) {
      return x * torch::tensor({1.F, 2.F, 3.F}, x.options());
    })
    .inputs([] {
      return torch::randn({4, 3});
    })
    .expect_failure(moved() && (transferred_by(Transfer::kTo) || !traced_on("cpu")),
                    Verdict::kError, "Expected all tensors to be on the same device");

// A tensor that is a plain member is not moved with the module: on any device but the CPU, where it
// was made, the model cannot even be traced. A trace made on the CPU holds it as a constant.
struct PlainAttributeModelImpl : torch::nn::Module {
  torch::Tensor forward(torch::Tensor x) { return x * scale; }

  torch::Tensor scale = torch::tensor({1.F, 2.F, 3.F});
};
TORCH_MODULE(PlainAttributeModel);

CROSSTRACE_REGISTER(PlainAttributeModel)
    .module([] { return PlainAttributeModel(); })
    .inputs([] {
      return torch::randn({4, 3});
    })
    .expect_failure(!traced_on("cpu") || (moved() && transferred_by(Transfer::kTo)),
                    Verdict::kError, "Expected all tensors to be on the same device");

// `x.to(device)` keeps the trace device as a literal: the numbers are right, the answer lies on the
// wrong device.
CROSSTRACE_REGISTER(ReturningModel)
    .function([](torch::Tensor x) { return torch::relu(x).to(x.device(), torch::kDouble); })
    .inputs([] {
      return torch::randn({3, 3});
    })
    .expect_failure(moved(), Verdict::kWrongDevice, "its values are right");

}  // namespace
