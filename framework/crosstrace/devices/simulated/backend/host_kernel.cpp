// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/LegacyTypeDispatch.h>
#include <crosstrace/base/tensors_in.h>
#include <crosstrace/devices/simulated/backend/device.h>
#include <crosstrace/devices/simulated/backend/host_call.h>
#include <crosstrace/devices/simulated/backend/host_kernel.h>
#include <crosstrace/devices/simulated/backend/loss.h>
#include <crosstrace/devices/simulated/backend/random.h>
#include <crosstrace/devices/simulated/kernels/tf32.h>
#include <crosstrace/operators/device_check.h>

#include <algorithm>

namespace crosstrace::simulated {
namespace {

std::vector<size_t> tensor_positions(const std::vector<c10::Argument>& arguments) {
  std::vector<size_t> positions;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (can_hold_tensors(*arguments[i].real_type())) positions.push_back(i);
  }
  return positions;
}

std::optional<size_t> position_of(const std::vector<c10::Argument>& arguments, c10::TypeKind kind) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    c10::TypePtr type = arguments[i].real_type();
    if (auto optional = type->cast<c10::OptionalType>()) type = optional->getElementType();
    if (type->kind() == kind) return i;
  }
  return std::nullopt;
}

bool writes_arguments(const c10::FunctionSchema& schema) {
  return std::any_of(schema.arguments().begin(), schema.arguments().end(),
                     [](const c10::Argument& argument) {
                       return argument.alias_info() != nullptr && argument.alias_info()->isWrite();
                     });
}

}  // namespace

HostKernel::HostKernel(const c10::OperatorHandle& op, const OperatorRule* rule)
    : name_(c10::toString(op.operator_name())),
      rule_(rule),
      dtypes_(rule == nullptr ? nullptr : find_dtype_refusal(rule->name)),
      values_(rule == nullptr ? nullptr : find_value_exception(rule->name)),
      arguments_(op.schema().arguments().size()),
      returns_(op.schema().returns().size()),
      tensor_arguments_(tensor_positions(op.schema().arguments())),
      tensor_returns_(tensor_positions(op.schema().returns())),
      product_operands_(rule == nullptr ? decltype(product_operands_)()
                                        : product_operands(rule->name)),
      generator_argument_(position_of(op.schema().arguments(), c10::TypeKind::GeneratorType)),
      device_argument_(position_of(op.schema().arguments(), c10::TypeKind::DeviceObjType)),
      writes_(writes_arguments(op.schema())) {}

HostKernel::Placement HostKernel::locate(c10::ArrayRef<c10::IValue> arguments) const {
  Placement placement;
  for (const size_t position : tensor_arguments_) {
    visit_tensors(arguments[position], [&](const at::Tensor& tensor) {
      const c10::Device device = tensor.device();
      if (!placement.first) placement.first = device;
      if (!placement.device && device.type() == kDeviceType) placement.device = device;
      placement.mixed = placement.mixed || device != *placement.first;
    });
  }
  return placement;
}

c10::Device HostKernel::result_device(const Placement& placement,
                                      c10::ArrayRef<c10::IValue> arguments) const {
  if (device_argument_ && arguments[*device_argument_].isDevice()) {
    const c10::Device device = arguments[*device_argument_].toDevice();
    if (device.type() == kDeviceType) return at_current_index(device);
  }
  return placement.device.value_or(c10::Device(kDeviceType, current_index()));
}

void HostKernel::round_operands(c10::IValue* arguments) const {
  if (product_operands_.empty()) return;
  const Tf32Rounding rounding = product_rounding();
  for (const size_t position : product_operands_) {
    arguments[position] = rounded_to_tf32(arguments[position].toTensor(), rounding);
  }
}

void HostKernel::replace_options(c10::IValue* arguments, c10::Device device) const {
  if (device_argument_ && arguments[*device_argument_].isDevice()) {
    check_index(device.index());
    arguments[*device_argument_] = c10::Device(c10::kCPU);
  }
  if (generator_argument_) {
    c10::IValue& generator = arguments[*generator_argument_];
    generator = host_generator(generator.toOptional<at::Generator>(), device);
  }
}

void HostKernel::operator()(const c10::OperatorHandle& op, c10::DispatchKeySet,
                            torch::jit::Stack* stack) const {
  c10::IValue* arguments = stack->data() + (stack->size() - arguments_);
  const c10::ArrayRef<c10::IValue> view(arguments, arguments_);
  const Placement placement = locate(view);
  if (placement.mixed) check_devices(op, rule_, view);
  if (dtypes_ != nullptr) check_dtype(*dtypes_, op.schema(), view);
  if (values_ != nullptr) values_(view);
  const c10::Device device = result_device(placement, view);
  check_not_lost(device.index());
  const IndexGuard index_guard(device.index());
  HostCall call(device, name_);
  for (const size_t position : tensor_arguments_) {
    change_tensors(arguments[position],
                   [&](at::Tensor tensor) { return call.to_host(std::move(tensor)); });
  }
  replace_options(arguments, device);
  {
    // The layers above have recorded the gradient and the version already.
    const at::AutoDispatchBelowADInplaceOrView below_autograd;
    round_operands(arguments);
    op.redispatchBoxed(c10::DispatchKeySet(c10::DispatchKey::CPU), stack);
  }
  if (writes_) call.write_back();
  c10::IValue* returns = stack->data() + (stack->size() - returns_);
  for (const size_t position : tensor_returns_) {
    change_tensors(returns[position],
                   [&](at::Tensor tensor) { return call.to_device(std::move(tensor)); });
  }
}

}  // namespace crosstrace::simulated
