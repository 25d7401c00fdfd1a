// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ExpandUtils.h>
#include <crosstrace/base/tensors_in.h>
#include <crosstrace/operators/device_check.h>
#include <crosstrace/operators/indexing.h>

// From aten/src/ATen/native/TensorAdvancedIndexing.cpp and IndexingUtils.h, cuda/IndexKernel.cu and
// cpu/IndexKernelUtils.h.
namespace crosstrace {
namespace {

using Arguments = c10::ArrayRef<c10::IValue>;

bool is_mask(const at::Tensor& index) {
  return index.scalar_type() == at::kBool || index.scalar_type() == at::kByte;
}

/// Of a 0-dim mask.
bool holds_true(const at::Tensor& mask) {
  return *static_cast<const uint8_t*>(mask.const_data_ptr()) != 0;
}

/// One CPU value through one mask is a masked_fill_, which takes the value as a number.
bool is_masked_fill(Arguments arguments) {
  const at::Tensor& self = arguments[0].toTensor();
  const at::Tensor& value = arguments[2].toTensor();
  if (arguments[3].toBool() || value.numel() != 1 || !value.device().is_cpu()) return false;
  int masks = 0;
  bool only_masks = true;
  visit_tensors(arguments[1], [&](const at::Tensor& index) {
    only_masks = only_masks && is_mask(index) && index.device() == self.device();
    ++masks;
  });
  return only_masks && masks == 1;
}

void require_few_indices(Arguments arguments) {
  const auto dims = static_cast<size_t>(arguments[0].toTensor().dim());
  const size_t indices = arguments[1].toListRef().size();
  TORCH_CHECK_INDEX(indices <= dims, "too many indices for tensor of dimension ", dims, " (got ",
                    indices, ")");
}

/// A 0-dim mask that holds true adds no index (expandTensors), and both kernels want one at least.
/// An empty result calls no kernel.
void require_an_index(Arguments arguments) {
  const at::Tensor& self = arguments[0].toTensor();
  require_few_indices(arguments);
  bool whole = self.numel() > 0;
  visit_tensors(arguments[1], [&](const at::Tensor& index) {
    whole = whole && is_mask(index) && index.dim() == 0 && holds_true(index);
  });
  if (!whole) return;
  TORCH_CHECK(!self.device().is_cpu(),
              "ntensor >= 3 INTERNAL ASSERT FAILED at "
              "\"/pytorch/aten/src/ATen/native/cpu/IndexKernelUtils.h\":8, please report a bug to "
              "PyTorch. ");
  TORCH_CHECK(false,
              "N <= iter.ntensors() INTERNAL ASSERT FAILED at "
              "\"/pytorch/aten/src/ATen/cuda/detail/OffsetCalculator.cuh\":115, please report a "
              "bug to PyTorch. ");
}

/// Throws what `check` throws, unless there are too many indices, which CUDA looks at first. Those
/// alone are left to the real call: who predicts may not know the true shapes.
void after_number_of_indices(Arguments arguments, void (*check)(Arguments)) {
  try {
    check(arguments);
  } catch (const c10::Error&) {
    require_few_indices(arguments);
    throw;
  }
}

/// Indices come from the CPU or from the device of the indexed tensor.
void require_indices_near(Arguments arguments) {
  const at::Tensor& self = arguments[0].toTensor();
  visit_tensors(arguments[1], [&](const at::Tensor& index) {
    TORCH_CHECK(index.device().is_cpu() || index.device() == self.device(),
                "indices should be either on ", c10::kCPU,
                " or on the same device as the indexed tensor (", self.device(), ")");
  });
  if (arguments.size() > 2) require_one_device({arguments[0], arguments[2]});
}

/// The indices are copied to the device of `self`, wherever they are (make_info); a 0-dim value
/// too.
void require_values_near(Arguments arguments) {
  const at::Tensor& self = arguments[0].toTensor();
  const at::Tensor& value = arguments[2].toTensor();
  if (is_masked_fill(arguments) || value.device() == self.device() || value.dim() == 0) return;
  TORCH_CHECK(!arguments[3].toBool() || self.device().is_cpu(), "expected device ", self.device(),
              " but got device ", value.device(), " for value tensor");
  require_one_device({arguments[0], arguments[2]});
}

}  // namespace

void check_index_devices(Arguments arguments) {
  after_number_of_indices(arguments, &require_indices_near);
}

void check_index_put_devices(Arguments arguments) {
  after_number_of_indices(arguments, &require_values_near);
}

void check_index_values(Arguments arguments) {
  if (!arguments[0].toTensor().device().is_cpu()) require_an_index(arguments);
}

void check_index_put_values(Arguments arguments) {
  const bool sorts = arguments[3].toBool();  // By another kernel.
  const at::IntArrayRef values = arguments[2].toTensor().sizes();
  const bool fits = at::is_expandable_to(values, arguments[0].toTensor().sizes());
  if (fits && !sorts && !is_masked_fill(arguments)) require_an_index(arguments);
}

}  // namespace crosstrace
