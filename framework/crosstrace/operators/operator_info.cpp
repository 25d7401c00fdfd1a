// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/operators/operator_info.h>

#include <algorithm>

namespace crosstrace {
namespace {

using c10::TypeKind;

const c10::Type& without_optional(const c10::Type& type) {
  if (type.kind() != TypeKind::OptionalType) return type;
  return *type.castRaw<c10::OptionalType>()->getElementType();
}

bool is_plain(const c10::Type& type) {
  switch (type.kind()) {
    case TypeKind::IntType:
    case TypeKind::FloatType:
    case TypeKind::BoolType:
    case TypeKind::StringType:
    case TypeKind::NumberType:
    case TypeKind::ComplexType:
    case TypeKind::DeviceObjType:
      return true;
    case TypeKind::OptionalType:
    case TypeKind::ListType:
      return is_plain(*type.containedTypes().at(0));
    default:
      return false;
  }
}

bool all_plain(const std::vector<c10::Argument>& arguments) {
  return std::all_of(arguments.begin(), arguments.end(),
                     [](const c10::Argument& argument) { return is_plain(*argument.type()); });
}

std::string base_of(const c10::FunctionSchema& schema) {
  std::string base = schema.name().substr(schema.name().find("::") + 2);
  const bool in_place = base.size() > 1 && base.back() == '_' && base[base.size() - 2] != '_';
  if (in_place) base.pop_back();
  return base;
}

ResultPlacement placement_of(const OperatorInfo& info) {
  if (info.base == "type_as" || info.name == "to.other" || info.name == "to.prim_other") {
    return info.name == "to.prim_other" ? ResultPlacement::kFollows : ResultPlacement::kSecond;
  }
  if (info.name == "cpu") return ResultPlacement::kCpu;
  if (info.name == "cuda") return ResultPlacement::kCuda;
  if (!info.device) return ResultPlacement::kFollows;
  const auto& arguments = info.schema->arguments();
  const bool has_self = !arguments.empty() && arguments[0].type()->kind() == TypeKind::TensorType;
  return has_self ? ResultPlacement::kLike : ResultPlacement::kFactory;
}

std::vector<int> aliased_arguments(const c10::FunctionSchema& schema) {
  std::vector<int> aliased;
  for (const c10::Argument& result : schema.returns()) {
    aliased.push_back(-1);
    if (result.alias_info() == nullptr) continue;
    for (std::size_t i = 0; i < schema.arguments().size(); ++i) {
      const c10::AliasInfo* argument = schema.arguments()[i].alias_info();
      if (argument == nullptr || argument->beforeSets() != result.alias_info()->beforeSets()) {
        continue;
      }
      aliased.back() = static_cast<int>(i);
      break;
    }
  }
  return aliased;
}

void look_at_arguments(OperatorInfo& info) {
  const auto& arguments = info.schema->arguments();
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const c10::Type& type = *arguments[i].type();
    if (can_hold_tensors(type)) info.tensors.push_back(i);
    if (without_optional(type).kind() == TypeKind::DeviceObjType &&
        arguments[i].name() == "device") {
      info.device = i;
    }
  }
}

}  // namespace

const OperatorInfo& OperatorInfos::of(const torch::jit::Operator& op) {
  auto& info = known_[&op];
  if (info) return *info;
  info = std::make_unique<OperatorInfo>();
  info->schema = &op.schema();
  const auto& name = info->schema->operator_name();
  const bool is_aten = name.getNamespace() && *name.getNamespace() == "aten";
  info->name = c10::toString(name);
  if (is_aten) info->name = info->name.substr(sizeof("aten::") - 1);
  info->base = base_of(*info->schema);
  info->rule = is_aten ? find_operator_rule(info->name) : nullptr;
  info->handle = c10::Dispatcher::singleton().findSchema(name);
  look_at_arguments(*info);
  info->placement = placement_of(*info);
  info->aliased = aliased_arguments(*info->schema);
  info->evaluable = !info->schema->is_vararg() && !info->schema->is_mutable() &&
                    all_plain(info->schema->arguments()) && all_plain(info->schema->returns());
  return *info;
}

}  // namespace crosstrace
