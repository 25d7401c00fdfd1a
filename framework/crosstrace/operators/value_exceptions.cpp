// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/Tensor.h>
#include <crosstrace/operators/indexing.h>
#include <crosstrace/operators/value_exceptions.h>

#include <algorithm>
#include <iterator>

namespace crosstrace {
namespace {

using Arguments = c10::ArrayRef<c10::IValue>;

/// _softmax_backward_data(grad, output, dim, input_dtype, ...) of cuda/SoftMax.cu.
void check_softmax_backward(Arguments arguments) {
  const c10::ScalarType grad = arguments[0].toTensor().scalar_type();
  const c10::ScalarType input = arguments[3].toScalarType();
  TORCH_CHECK(grad == input || (grad == at::kFloat && input == at::kHalf),
              "expected input and grad types to match, or input to be at::Half and grad to be "
              "at::Float");
}

void require_float(const at::Tensor& tensor) {
  TORCH_CHECK(tensor.scalar_type() == at::kFloat, "expected scalar type Float but found ",
              tensor.scalar_type());
}

/// (self, scale, ...) of cuda/FakeQuantizeCore.cu.
void check_fake_quantize(Arguments arguments) { require_float(arguments[1].toTensor()); }

/// (self, observer_on, fake_quant_on, running_min, ...) of cuda/FusedObsFakeQuant.cu.
void check_fused_observer(Arguments arguments) { require_float(arguments[3].toTensor()); }

struct Entry {
  std::string_view name;
  ValueException check;
};

constexpr Entry kEntries[] = {
    {"index.Tensor", &check_index_values},
    {"index.Tensor_out", &check_index_values},
    {"_index_put_impl_", &check_index_put_values},
    {"_softmax_backward_data", &check_softmax_backward},
    {"_softmax_backward_data.out", &check_softmax_backward},
    {"_log_softmax_backward_data", &check_softmax_backward},
    {"_log_softmax_backward_data.out", &check_softmax_backward},
    {"_fake_quantize_per_tensor_affine_cachemask_tensor_qparams", &check_fake_quantize},
    {"_fused_moving_avg_obs_fq_helper", &check_fused_observer},
};

}  // namespace

ValueException find_value_exception(std::string_view name) {
  const auto* found = std::find_if(std::begin(kEntries), std::end(kEntries),
                                   [&](const Entry& each) { return each.name == name; });
  return found == std::end(kEntries) ? nullptr : found->check;
}

}  // namespace crosstrace
