// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// A model that is known to fail, with the cause that it must fail of.

#include <crosstrace/models/register.h>
#include <torch/torch.h>

CROSSTRACE_REGISTER(Recurrent)
    .module([] { return torch::nn::LSTM(8, 16); })
    .inputs([] {
      return torch::randn({5, 2, 8});
    })
    .expect_failure(crosstrace::moved(), crosstrace::Verdict::kError,
                    "Input and hidden tensors are not at the same device");
