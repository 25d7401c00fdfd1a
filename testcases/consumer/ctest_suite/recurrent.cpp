// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// An LSTM makes its initial state on the device where it is traced: this model fails once it is
// moved, and ctest says so. The second one declares the same failure.

#include <crosstrace/models/register.h>
#include <torch/torch.h>

namespace {

at::Tensor sequence() { return torch::randn({5, 2, 8}); }

CROSSTRACE_REGISTER(Recurrent).module([] { return torch::nn::LSTM(8, 16); }).inputs(sequence);

CROSSTRACE_REGISTER(KnownRecurrent)
    .module([] { return torch::nn::LSTM(8, 16); })
    .inputs(sequence)
    .expect_failure(crosstrace::moved(), crosstrace::Verdict::kError,
                    "Input and hidden tensors are not at the same device");

}  // namespace
