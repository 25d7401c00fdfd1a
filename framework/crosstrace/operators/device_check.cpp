// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/EmptyTensor.h>
#include <ATen/core/op_registration/adaption.h>
#include <c10/core/Allocator.h>
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

std::optional<c10::Device> find_accelerator(Arguments arguments) {
  std::optional<c10::Device> found;
  for (const c10::IValue& argument : arguments) {
    visit_tensors(argument, [&](const at::Tensor& tensor) {
      if (!found && !tensor.device().is_cpu()) found = tensor.device();
    });
  }
  return found;
}

/// TensorIterator computes on the first device that is not the CPU (compute_types of
/// aten/src/ATen/TensorIterator.cpp), and its outputs must be there.
void require_outputs_on_common_device(const c10::FunctionSchema& schema, Arguments arguments) {
  const std::optional<c10::Device> common = find_accelerator(arguments);
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (!is_written(schema.arguments()[i])) continue;
    visit_tensors(arguments[i], [&](const at::Tensor& tensor) {
      if (tensor.device() != *common) refuse_two_devices(*common, tensor.device());
    });
  }
}

/// In the words of TensorIterator and of structured kernels.
bool refuses_two_devices(std::string_view message) {
  return message.find("Expected all tensors to be on the same device") != std::string_view::npos ||
         message.find("too many CPU scalars") != std::string_view::npos;
}

/// A tensor of the sizes, dtype and device of `tensor`, without data, that Meta kernels take, and
/// resize where it is an output.
at::Tensor without_data(const at::Tensor& tensor) {
  const size_t bytes =
      at::detail::computeStorageNbytes(tensor.sizes(), tensor.strides(), tensor.dtype().itemsize());
  c10::Storage storage(c10::Storage::use_byte_size_t(), bytes,
                       at::DataPtr(nullptr, tensor.device()), c10::GetAllocator(c10::kMeta),
                       /*resizable=*/true);
  auto impl = c10::make_intrusive<c10::TensorImpl>(
      std::move(storage), c10::DispatchKeySet(c10::DispatchKey::Meta), tensor.dtype());
  impl->set_sizes_and_strides(tensor.sizes(), tensor.strides());
  if (tensor.unsafeGetTensorImpl()->is_wrapped_number()) impl->set_wrapped_number(true);
  return at::Tensor(std::move(impl));
}

/// What a structured kernel's wrapper says of an output whose device is not the one that the
/// operator computes on: it takes the output's device, to which it switches, from the input.
void refuse_output(const std::string& message, Arguments arguments) {
  const std::string name = accelerator_name(arguments);
  const std::string of_cpu = "Expected out tensor to have device cpu";
  TORCH_CHECK(message.rfind(of_cpu, 0) != 0, name, "GuardImpl initialized with non-", name,
              " DeviceType: cpu");
  TORCH_CHECK(false, message);
}

/// Lets the operator's own TensorIterator decide.
/// @returns any other complaint of the Meta kernel: of shapes, which come before devices.
std::string ask_meta_kernel(const c10::OperatorHandle& op, Arguments arguments) {
  torch::jit::Stack stack(arguments.begin(), arguments.end());
  for (c10::IValue& value : stack) {
    change_tensors(value, [](const at::Tensor& tensor) {
      return tensor.defined() ? without_data(tensor) : tensor;
    });
  }
  try {
    op.redispatchBoxed(c10::DispatchKeySet(c10::DispatchKey::Meta), &stack);
    return "";
  } catch (const c10::Error& error) {
    const std::string message = error.what_without_backtrace();
    if (message.rfind("Expected out tensor to have device", 0) == 0) {
      refuse_output(message, arguments);
    }
    TORCH_CHECK(!refuses_two_devices(message), error.msg());
    // A Meta kernel cannot resize an output whose device is named, and says so by an assertion.
    return message.find("INTERNAL ASSERT") == std::string::npos ? error.msg() : "";
  }
}

}  // namespace

std::string accelerator_name(Arguments arguments) {
  const auto device = find_accelerator(arguments).value_or(c10::Device(c10::kCUDA));
  return c10::DeviceTypeName(device.type(), /*lower_case=*/true);
}

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
  if (!op.hasKernelForDispatchKey(c10::DispatchKey::Meta)) return require_one_device(arguments);
  const std::string complaint = ask_meta_kernel(op, arguments);
  try {
    require_outputs_on_common_device(op.schema(), arguments);
    if (const DeviceException check = find_kernel_exception(rule->name)) check(arguments);
  } catch (const c10::Error&) {
    // A complaint alone is left to the real call: who predicts may not know the true shapes.
    TORCH_CHECK(complaint.empty(), complaint);
    throw;
  }
}

}  // namespace crosstrace
