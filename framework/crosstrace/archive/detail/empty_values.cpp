// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/class_type.h>
#include <ATen/ops/empty.h>
#include <crosstrace/archive/detail/empty_values.h>

#include <cstdint>
#include <vector>

namespace crosstrace::detail {

constexpr int kDeepest = 16;  // Types within types; a class may hold one of its own.

c10::IValue EmptyValues::of(const c10::TypePtr& type, int depth) const {
  if (depth > kDeepest) return {};
  switch (type->kind()) {
    case c10::TypeKind::TensorType:
      return at::empty({0});
    case c10::TypeKind::IntType:
    case c10::TypeKind::NumberType:
      return std::int64_t{0};
    case c10::TypeKind::FloatType:
      return 0.0;
    case c10::TypeKind::BoolType:
      return false;
    case c10::TypeKind::StringType:
      return "";
    case c10::TypeKind::DeviceObjType:
      return c10::Device(c10::kCPU);
    case c10::TypeKind::ListType:
      return c10::impl::GenericList(type->containedType(0));
    case c10::TypeKind::DictType:
      return c10::impl::GenericDict(type->containedType(0), type->containedType(1));
    case c10::TypeKind::TupleType:
      return tuple_of(*type, depth);
    case c10::TypeKind::ClassType:
      return object_of(type->expect<c10::ClassType>(), depth);
    default:
      return {};
  }
}

c10::IValue EmptyValues::tuple_of(const c10::Type& type, int depth) const {
  std::vector<c10::IValue> elements;
  for (const auto& element : type.containedTypes()) elements.push_back(of(element, depth + 1));
  return c10::ivalue::Tuple::create(std::move(elements));
}

c10::IValue EmptyValues::object_of(const c10::ClassTypePtr& type, int depth) const {
  auto object = c10::ivalue::Object::create(c10::StrongTypePtr(unit_, type), type->numAttributes());
  for (std::size_t i = 0; i < type->numAttributes(); ++i) {
    object->setSlot(i, of(type->getAttribute(i), depth + 1));
  }
  return object;
}

}  // namespace crosstrace::detail
