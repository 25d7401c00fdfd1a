// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/Tensor.h>
#include <crosstrace/base/tensors_in.h>
#include <crosstrace/operators/device_check.h>
#include <crosstrace/operators/device_mix.h>

#include <array>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

// LibTorch's composite operators have no rule of their own: what they are made of decides. Most
// are made of operators that want one device; the tables name the others.
namespace crosstrace {
namespace {

/// Composite operators that pass their arguments on to one operator.
std::string_view delegate_of(std::string_view name) {
  static const auto* delegates = new std::unordered_map<std::string_view, std::string_view>{
      {"index_put", "_index_put_impl_"},
      {"index_put_", "_index_put_impl_"},
      {"masked_fill.Tensor", "masked_fill_.Tensor"},
      {"masked_fill.Scalar", "masked_fill_.Scalar"},
      {"index_fill.int_Tensor", "index_fill_.int_Tensor"},
      {"index_fill.int_Scalar", "index_fill_.int_Scalar"},
      {"fill.Tensor", "fill_.Tensor"},
      {"max.other", "maximum"},
      {"min.other", "minimum"},
      {"clip.Tensor", "clamp.Tensor"},
  };
  const auto found = delegates->find(name);
  return found == delegates->end() ? "" : found->second;
}

/// Composite operators that look at shapes alone.
bool looks_at_shapes_only(std::string_view base) {
  static const auto* names = new std::unordered_set<std::string_view>{
      "expand_as", "view_as", "reshape_as", "broadcast_tensors", "result_type", "can_cast",
      "copy",      "copy_",   "to",         "resize_as"};
  return names->count(base) > 0;
}

/// Composite operators that join tensors, 0-dim ones too, by aten::cat or a kernel as strict.
bool is_strict(std::string_view base) {
  static const auto* names = new std::unordered_set<std::string_view>{
      "stack",     "hstack",         "vstack",      "dstack",         "column_stack",
      "row_stack", "concat",         "concatenate", "embedding",      "index_select",
      "meshgrid",  "cartesian_prod", "one_hot",     "take_along_dim", "repeat_interleave"};
  return names->count(base) > 0;
}

struct Census {
  std::optional<c10::Device> accelerator;
  bool has_dims_elsewhere = false;  ///< A tensor with dims that is not on `accelerator`.
  int scalars_elsewhere = 0;
};

Census count(const std::vector<c10::IValue>& arguments) {
  Census census;
  for (const c10::IValue& argument : arguments) {
    visit_tensors(argument, [&](const at::Tensor& tensor) {
      const bool accelerated = !tensor.device().is_cpu();
      if (accelerated && !census.accelerator) census.accelerator = tensor.device();
    });
  }
  for (const c10::IValue& argument : arguments) {
    visit_tensors(argument, [&](const at::Tensor& tensor) {
      if (tensor.device() == census.accelerator) return;
      const bool scalar = tensor.device().is_cpu() && tensor.dim() == 0;
      scalar ? void(++census.scalars_elsewhere) : void(census.has_dims_elsewhere = true);
    });
  }
  return census;
}

DeviceMix ask(const c10::OperatorHandle& op, const OperatorRule* rule,
              c10::ArrayRef<c10::IValue> arguments) {
  try {
    check_devices(op, rule, arguments);
    return DeviceMix::kTaken;
  } catch (const c10::Error&) {
    return DeviceMix::kRefused;
  }
}

bool writes_first(const OperatorInfo& info) {
  const auto& arguments = info.schema->arguments();
  return !arguments.empty() && arguments[0].alias_info() != nullptr &&
         arguments[0].alias_info()->isWrite();
}

DeviceMix judge_composite(const OperatorInfo& info, const std::vector<c10::IValue>& arguments) {
  if (looks_at_shapes_only(info.base)) return DeviceMix::kTaken;
  const Census census = count(arguments);
  if (census.has_dims_elsewhere) return DeviceMix::kRefused;
  if (is_composite_elementwise(info.base)) {
    const bool writes_scalar =
        writes_first(info) && arguments[0].isTensor() && arguments[0].toTensor().device().is_cpu();
    return census.scalars_elsewhere > 1 || writes_scalar ? DeviceMix::kRefused : DeviceMix::kTaken;
  }
  return is_strict(info.base) ? DeviceMix::kRefused : DeviceMix::kMayBeRefused;
}

/// As the operator would judge that it passes its arguments on to.
DeviceMix judge_delegate(std::string_view delegate, std::vector<c10::IValue> arguments) {
  if (delegate == "_index_put_impl_" && arguments.size() == 3) arguments.emplace_back(false);
  const std::string name(delegate);
  const std::size_t dot = name.find('.');
  const auto handle = c10::Dispatcher::singleton().findSchema(
      {"aten::" + name.substr(0, dot), dot == std::string::npos ? "" : name.substr(dot + 1)});
  if (!handle) return DeviceMix::kMayBeRefused;
  return ask(*handle, find_operator_rule(delegate), arguments);
}

DeviceMix judge_custom(const std::vector<c10::IValue>& arguments) {
  const Census census = count(arguments);
  const bool any = census.has_dims_elsewhere || census.scalars_elsewhere > 0;
  return any ? DeviceMix::kRefused : DeviceMix::kTaken;
}

}  // namespace

bool is_composite_elementwise(std::string_view base) {
  static const auto* names = new std::unordered_set<std::string_view>{
      "add",           "sub",           "mul",        "div",
      "multiply",      "subtract",      "divide",     "true_divide",
      "greater",       "less",          "isclose",    "allclose",
      "greater_equal", "less_equal",    "not_equal",  "float_power",
      "arctan2",       "special_xlogy", "square",     "logical_and",
      "logical_or",    "logical_xor",   "rsub",       "floor_divide",
      "remainder",     "bitwise_and",   "bitwise_or", "bitwise_xor",
      "__and__",       "__or__",        "__xor__",    "special_gammainc"};
  return names->count(base) > 0;
}

at::Tensor phantom(c10::Device device, int rank, c10::ScalarType dtype) {
  auto impl = c10::make_intrusive<c10::TensorImpl>(c10::DispatchKeySet(c10::DispatchKey::Meta),
                                                   c10::scalarTypeToTypeMeta(dtype), device);
  impl->set_sizes_contiguous(std::vector<int64_t>(static_cast<std::size_t>(rank), 1));
  return at::Tensor(std::move(impl));
}

DeviceMix judge_device_mix(const OperatorInfo& info, std::vector<c10::IValue> arguments) {
  if (!info.handle || info.rule == nullptr) return judge_custom(arguments);
  const std::string_view delegate = delegate_of(info.name);
  if (!delegate.empty()) return judge_delegate(delegate, std::move(arguments));
  const bool has_rule = info.rule->cuda != KernelKind::kComposite ||
                        find_device_exception(info.rule->name) != nullptr;
  return has_rule ? ask(*info.handle, info.rule, arguments) : judge_composite(info, arguments);
}

std::optional<std::size_t> host_argument(const OperatorInfo& info) {
  static const auto* positions = new std::unordered_map<std::string_view, std::size_t>{
      {"_pack_padded_sequence", 1},
      {"_pad_packed_sequence", 1},
      {"lstm.data", 1},
      {"gru.data", 1},
      {"rnn_tanh.data", 1},
      {"rnn_relu.data", 1},
      {"tensor_split.tensor_indices_or_sections", 1}};
  const auto found = positions->find(info.name);
  return found == positions->end() ? std::nullopt : std::optional(found->second);
}

c10::IValue placeholder(const c10::Argument& argument) {
  if (argument.default_value()) return *argument.default_value();
  switch (argument.type()->kind()) {
    case c10::TypeKind::IntType:
    case c10::TypeKind::SymIntType:
      return int64_t{0};
    case c10::TypeKind::NumberType:
    case c10::TypeKind::FloatType:
      return 1.0;
    case c10::TypeKind::BoolType:
      return false;
    case c10::TypeKind::StringType:
      return std::string("none");
    case c10::TypeKind::ListType:
      return c10::impl::GenericList(argument.type()->containedTypes().at(0));
    default:
      return {};
  }
}

}  // namespace crosstrace
