// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Operators that the CPU's kernel cannot answer for the simulated device, each group in a file of
/// its own.
#pragma once

#include <torch/library.h>

namespace crosstrace::simulated {

/// A new library of kernels for `key` in a namespace (`_`: every operator). It lives for ever.
[[nodiscard]] torch::Library& new_library(const char* name_space, c10::DispatchKey key);

void register_factories(torch::Library& library);  ///< empty, empty_strided, zero tensors
void register_views(torch::Library& library);      ///< views that need no kernel
void register_storages(torch::Library& library);   ///< set_ and record_stream
void register_copies(torch::Library& library);     ///< between devices, and Module::to
void register_rnn_cells(
    torch::Library& library);  ///< fused LSTM and GRU cells, forward and backward
/// LSTM, GRU and RNNs as a whole. Made of other operators, so for the layer of autograd as well.
void register_rnns(torch::Library& library);
void register_convolutions(torch::Library& library);  ///< convolution, forward and backward
void register_attention(
    torch::Library& library);  ///< scaled dot product attention, forward and backward
void register_dropout(torch::Library& library);  ///< native_dropout, which draws random numbers

/// Registers the CPU's kernel for every other operator that has both a CPU and a CUDA kernel.
void register_host_kernels(torch::Library& library);

}  // namespace crosstrace::simulated
