// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What cuDNN's RNNs ask of their arguments beyond what LibTorch's own code for RNNs does.
#pragma once

#include <ATen/core/Tensor.h>

namespace crosstrace {

/// Throws `rnn: hx is not contiguous`, as CUDA does of an LSTM, a GRU or a plain RNN, unless the
/// hidden states, and the cell states of an LSTM, are contiguous. Takes what cuDNN would not be
/// asked, and what is on several devices, which LibTorch's own code refuses first.
void check_cudnn_states(const at::Tensor& input, at::TensorList states, at::TensorList weights);

}  // namespace crosstrace
