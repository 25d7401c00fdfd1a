// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/op_registration/adaption.h>
#include <crosstrace/devices/simulated/kernels/kernels.h>

// The fused cells that LibTorch's LSTM and GRU use on accelerators; the CPU has no kernels for
// them. Written as the CPU's unfused cells compute, so that the numbers are the CPU's to rounding.
// A workspace holds what backward needs.
namespace crosstrace::simulated {
namespace {

using OptionalTensor = std::optional<at::Tensor>;

void require_same_device(const char* method,
                         std::initializer_list<std::pair<const char*, OptionalTensor>> tensors) {
  std::optional<c10::Device> common;
  for (const auto& [name, tensor] : tensors) {
    c10::impl::check_and_update_common_device(common, tensor, method, name);
  }
}

bool given(const OptionalTensor& tensor) { return tensor.has_value() && tensor->defined(); }

at::Tensor plus_bias(const at::Tensor& gates, const OptionalTensor& bias) {
  return given(bias) ? gates + *bias : gates;
}

/// Gradient through y = sigmoid(x), given y.
at::Tensor through_sigmoid(const at::Tensor& grad, const at::Tensor& y) {
  return grad * y * (1 - y);
}

/// Gradient through y = tanh(x), given y.
at::Tensor through_tanh(const at::Tensor& grad, const at::Tensor& y) { return grad * (1 - y * y); }

/// @returns (hidden, cell, workspace): the workspace holds the four activated gates, [batch, 4 *
/// hidden].
std::tuple<at::Tensor, at::Tensor, at::Tensor> lstm_cell(const at::Tensor& input_gates,
                                                         const at::Tensor& hidden_gates,
                                                         const at::Tensor& cell,
                                                         const OptionalTensor& input_bias,
                                                         const OptionalTensor& hidden_bias) {
  require_same_device("aten::_thnn_fused_lstm_cell", {{"input_gates", input_gates},
                                                      {"hidden_gates", hidden_gates},
                                                      {"cx", cell},
                                                      {"input_bias", input_bias},
                                                      {"hidden_bias", hidden_bias}});
  at::Tensor workspace = plus_bias(hidden_gates, hidden_bias) + plus_bias(input_gates, input_bias);
  const auto gates = workspace.unsafe_chunk(4, 1);
  gates[0].sigmoid_();
  gates[1].sigmoid_();
  gates[2].tanh_();
  gates[3].sigmoid_();
  at::Tensor next_cell = (gates[1] * cell).add_(gates[0] * gates[2]);
  at::Tensor hidden = gates[3] * next_cell.tanh();
  return {std::move(hidden), std::move(next_cell), std::move(workspace)};
}

/// @returns gradients of (gates before activation, cell, bias); the bias's only if there is one.
std::tuple<at::Tensor, at::Tensor, at::Tensor> lstm_cell_backward(
    const OptionalTensor& grad_hidden, const OptionalTensor& grad_next_cell, const at::Tensor& cell,
    const at::Tensor& next_cell, const at::Tensor& workspace, bool has_bias) {
  if (!given(grad_hidden) && !given(grad_next_cell)) return {};
  const auto gates = workspace.unsafe_chunk(4, 1);
  const at::Tensor& in = gates[0];
  const at::Tensor& forget = gates[1];
  const at::Tensor& update = gates[2];
  const at::Tensor& out = gates[3];
  const at::Tensor squashed = next_cell.tanh();
  const at::Tensor hidden = given(grad_hidden) ? *grad_hidden : at::zeros_like(next_cell);
  at::Tensor through_cell = through_tanh(hidden * out, squashed);
  if (given(grad_next_cell)) through_cell = through_cell + *grad_next_cell;
  at::Tensor grad_gates = at::cat(
      {through_sigmoid(through_cell * update, in), through_sigmoid(through_cell * cell, forget),
       through_tanh(through_cell * in, update), through_sigmoid(hidden * squashed, out)},
      1);
  at::Tensor grad_bias = has_bias ? grad_gates.sum(0) : at::Tensor();
  return {std::move(grad_gates), through_cell * forget, std::move(grad_bias)};
}

/// @returns (hidden, workspace): the workspace holds reset, update, new, old hidden and the new
/// gate's hidden part.
std::tuple<at::Tensor, at::Tensor> gru_cell(const at::Tensor& input_gates,
                                            const at::Tensor& hidden_gates,
                                            const at::Tensor& hidden,
                                            const OptionalTensor& input_bias,
                                            const OptionalTensor& hidden_bias) {
  require_same_device("aten::_thnn_fused_gru_cell", {{"input_gates", input_gates},
                                                     {"hidden_gates", hidden_gates},
                                                     {"hx", hidden},
                                                     {"input_bias", input_bias},
                                                     {"hidden_bias", hidden_bias}});
  const auto in = plus_bias(input_gates, input_bias).unsafe_chunk(3, 1);
  const auto from_hidden = plus_bias(hidden_gates, hidden_bias).unsafe_chunk(3, 1);
  const at::Tensor reset = (from_hidden[0] + in[0]).sigmoid_();
  const at::Tensor update = (from_hidden[1] + in[1]).sigmoid_();
  const at::Tensor fresh = (in[2] + from_hidden[2] * reset).tanh_();
  at::Tensor next = (hidden - fresh).mul_(update).add_(fresh);
  return {std::move(next), at::cat({reset, update, fresh, hidden, from_hidden[2]}, 1)};
}

/// @returns gradients of (input gates, hidden gates, hidden, input bias, hidden bias).
std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor, at::Tensor> gru_cell_backward(
    const at::Tensor& grad, const at::Tensor& workspace, bool has_bias) {
  const auto saved = workspace.unsafe_chunk(5, 1);
  const at::Tensor& reset = saved[0];
  const at::Tensor& update = saved[1];
  const at::Tensor& fresh = saved[2];
  const at::Tensor& hidden = saved[3];
  const at::Tensor& fresh_from_hidden = saved[4];
  const at::Tensor grad_update = through_sigmoid(grad * (hidden - fresh), update);
  const at::Tensor grad_fresh = through_tanh(grad * (1 - update), fresh);
  const at::Tensor grad_reset = through_sigmoid(grad_fresh * fresh_from_hidden, reset);
  at::Tensor grad_input = at::cat({grad_reset, grad_update, grad_fresh}, 1);
  at::Tensor grad_hidden_gates = at::cat({grad_reset, grad_update, grad_fresh * reset}, 1);
  at::Tensor grad_input_bias = has_bias ? grad_input.sum(0) : at::Tensor();
  at::Tensor grad_hidden_bias = has_bias ? grad_hidden_gates.sum(0) : at::Tensor();
  return {std::move(grad_input), std::move(grad_hidden_gates), grad * update,
          std::move(grad_input_bias), std::move(grad_hidden_bias)};
}

}  // namespace

void register_rnn_cells(torch::Library& library) {
  library.impl("_thnn_fused_lstm_cell", &lstm_cell);
  library.impl("_thnn_fused_lstm_cell_backward_impl", &lstm_cell_backward);
  library.impl("_thnn_fused_gru_cell", &gru_cell);
  library.impl("_thnn_fused_gru_cell_backward", &gru_cell_backward);
}

}  // namespace crosstrace::simulated
