// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/op_registration/adaption.h>
#include <crosstrace/base/tensors_in.h>
#include <crosstrace/operators/device_check.h>

namespace crosstrace {
namespace {

using Arguments = c10::ArrayRef<c10::IValue>;

/// The check that CUDA's wrappers begin with: `out` tensors, then positional ones; keyword-only
/// ones are not looked at.
class SameDeviceCheck {
 public:
  SameDeviceCheck(const c10::OperatorHandle& op, Arguments arguments)
      : schema_(op.schema()), method_(c10::toString(op.operator_name())), arguments_(arguments) {}

  void run() {
    for (size_t i = 0; i < arguments_.size(); ++i) {
      if (schema_.arguments()[i].is_out()) check(i);
    }
    for (size_t i = 0; i < arguments_.size(); ++i) {
      if (!schema_.arguments()[i].kwarg_only()) check(i);
    }
  }

 private:
  void check(size_t index) {
    visit_tensors(arguments_[index], [&](const at::Tensor& tensor) {
      c10::impl::check_and_update_common_device(common_, tensor, method_.c_str(),
                                                schema_.arguments()[index].name().c_str());
    });
  }

  const c10::FunctionSchema& schema_;
  const std::string method_;
  Arguments arguments_;
  std::optional<c10::Device> common_;
};

bool is_written(const c10::Argument& argument) {
  return argument.alias_info() != nullptr && argument.alias_info()->isWrite();
}

/// TensorIterator computes on the first device that is not the CPU, and its outputs must be there.
/// Checked here because reductions build their TensorIterator after the Meta kernel's part.
void require_outputs_on_common_device(const c10::FunctionSchema& schema, Arguments arguments) {
  std::optional<c10::Device> common;
  for (const c10::IValue& argument : arguments) {
    visit_tensors(argument, [&](const at::Tensor& tensor) {
      if (!common && !tensor.device().is_cpu()) common = tensor.device();
    });
  }
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (!is_written(schema.arguments()[i])) continue;
    visit_tensors(arguments[i], [&](const at::Tensor& tensor) {
      if (tensor.device() != *common) refuse_two_devices(*common, tensor.device());
    });
  }
}

/// A tensor of the sizes, dtype and device of `tensor`, without data, that Meta kernels take.
at::Tensor without_data(const at::Tensor& tensor) {
  auto impl = c10::make_intrusive<c10::TensorImpl>(c10::DispatchKeySet(c10::DispatchKey::Meta),
                                                   tensor.dtype(), tensor.device());
  impl->set_sizes_and_strides(tensor.sizes(), tensor.strides());
  if (tensor.unsafeGetTensorImpl()->is_wrapped_number()) impl->set_wrapped_number(true);
  return at::Tensor(std::move(impl));
}

bool is_about_devices(std::string_view message) {
  return message.find("Expected all tensors to be on the same device") != std::string_view::npos ||
         message.find("too many CPU scalars") != std::string_view::npos;
}

/// Lets the operator's own TensorIterator decide. Any other complaint of the Meta kernel is left to
/// the real call.
void ask_meta_kernel(const c10::OperatorHandle& op, Arguments arguments) {
  torch::jit::Stack stack(arguments.begin(), arguments.end());
  for (c10::IValue& value : stack) {
    change_tensors(value, [](const at::Tensor& tensor) {
      return tensor.defined() ? without_data(tensor) : tensor;
    });
  }
  try {
    op.redispatchBoxed(c10::DispatchKeySet(c10::DispatchKey::Meta), &stack);
  } catch (const c10::Error& error) {
    TORCH_CHECK(!is_about_devices(error.what_without_backtrace()), error.msg());
  }
}

}  // namespace

void refuse_two_devices(c10::Device common, c10::Device other) {
  TORCH_CHECK(false,
              "Expected all tensors to be on the same device, but found at least two devices, ",
              common, " and ", other, "!");
}

void require_one_device(Arguments arguments) {
  std::optional<c10::Device> common;
  for (const c10::IValue& argument : arguments) {
    visit_tensors(argument, [&](const at::Tensor& tensor) {
      if (!common) common = tensor.device();
      if (*common == tensor.device()) return;
      // TensorIterator names the accelerator first.
      const bool swap = common->is_cpu();
      refuse_two_devices(swap ? tensor.device() : *common, swap ? *common : tensor.device());
    });
  }
}

void check_devices(const c10::OperatorHandle& op, const OperatorRule* rule, Arguments arguments) {
  if (rule == nullptr) return require_one_device(arguments);
  if (const DeviceException check = find_device_exception(rule->name)) return check(arguments);
  if (rule->device_check == DeviceCheck::kSameDevice) return SameDeviceCheck(op, arguments).run();
  if (rule->device_check == DeviceCheck::kUnchecked) return;
  require_outputs_on_common_device(op.schema(), arguments);
  if (op.hasKernelForDispatchKey(c10::DispatchKey::Meta)) return ask_meta_kernel(op, arguments);
  require_one_device(arguments);
}

}  // namespace crosstrace
