// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/Context.h>
#include <crosstrace/operators/cudnn_rnn.h>

#include <algorithm>
#include <array>

// From aten/src/ATen/native/cudnn/RNN.cpp, and cudnn_is_acceptable of
// aten/src/ATen/native/Cudnn.cpp.
namespace crosstrace {
namespace {

/// cuDNN is not asked for dtypes that it lacks, nor when it is switched off.
bool goes_to_cudnn(const at::Tensor& input) {
  const bool dtype = input.scalar_type() == at::kFloat || input.scalar_type() == at::kDouble ||
                     input.scalar_type() == at::kHalf || input.scalar_type() == at::kBFloat16;
  return dtype && at::globalContext().userEnabledCuDNN() && input.numel() > 0;
}

bool share_device(const at::Tensor& input, at::TensorList others) {
  return std::all_of(others.begin(), others.end(),
                     [&](const at::Tensor& other) { return other.device() == input.device(); });
}

}  // namespace

void check_cudnn_states(const at::Tensor& input, at::TensorList states, at::TensorList weights) {
  const bool one_device = share_device(input, states) && share_device(input, weights);
  if (!one_device || !goes_to_cudnn(input)) return;
  constexpr std::array<const char*, 2> kNames = {"hx", "cx"};
  for (size_t i = 0; i < std::min(states.size(), kNames.size()); ++i) {
    TORCH_CHECK(states[i].is_contiguous(), "rnn: ", kNames[i], " is not contiguous");
  }
}

}  // namespace crosstrace
