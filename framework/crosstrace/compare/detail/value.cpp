// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <ATen/core/class_type.h>
#include <ATen/core/enum_type.h>
#include <ATen/core/function_schema.h>
#include <ATen/core/jit_type.h>
#include <crosstrace/compare/detail/format.h>
#include <crosstrace/compare/detail/parts.h>
#include <crosstrace/compare/detail/value.h>

#include <cstdio>

namespace crosstrace::detail {
namespace {

constexpr std::size_t kTextShown = 40;

bool is_number_list(const c10::IValue& value) {
  return value.isIntList() || value.isDoubleList() || value.isBoolList() ||
         value.isComplexDoubleList();
}

// A tensor is a key by its identity, so no two dicts share one.
bool is_looked_up_by_value(const c10::IValue& value) {
  return value.toGenericDict().keyType()->kind() != c10::TypeKind::TensorType;
}

std::string escaped(const std::string& text) {
  std::string result;
  for (const char character : text) {
    if (character == '"' || character == '\\') {
      result += std::string("\\") + character;
    } else if (static_cast<unsigned char>(character) < 0x20) {
      char code[8];
      std::snprintf(code, sizeof code, "\\x%02x", static_cast<unsigned char>(character));
      result += code;
    } else {
      result += character;
    }
  }
  return result;
}

std::string key_text(const c10::IValue& key) {
  if (key.isString()) return "\"" + escaped(key.toStringRef()) + "\"";
  if (key.isInt()) return std::to_string(key.toInt());
  if (key.isBool()) return key.toBool() ? "True" : "False";
  if (key.isDouble()) return format_shortest(key.toDouble());
  return key.tagKind();
}

// Null for a tuple without names. Those have their type worked out from their elements, which
// LibTorch cannot do for an undefined tensor among them.
const c10::FunctionSchema* field_names(const c10::IValue& tuple) {
  try {
    return tuple.toTuple()->type()->schema().get();
  } catch (const c10::Error&) {
    return nullptr;
  }
}

std::vector<Child> tuple_children(const c10::IValue& value) {
  const auto& elements = value.toTupleRef().elements();
  const auto* names = field_names(value);
  std::vector<Child> children;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    children.emplace_back(
        names ? "." + names->arguments()[i].name() : "[" + std::to_string(i) + "]", elements[i]);
  }
  return children;
}

std::vector<Child> list_children(const c10::IValue& value) {
  std::vector<Child> children;
  for (const c10::IValue& element : value.toListRef()) {
    children.emplace_back("[" + std::to_string(children.size()) + "]", element);
  }
  return children;
}

std::vector<Child> dict_children(const c10::IValue& value) {
  std::vector<Child> children;
  for (const auto& entry : value.toGenericDict()) {
    children.emplace_back("[" + key_text(entry.key()) + "]", entry.value());
  }
  return children;
}

std::vector<Child> object_children(const c10::IValue& value) {
  const auto& object = value.toObjectRef();
  std::vector<Child> children;
  for (std::size_t i = 0; i < object.slots().size(); ++i) {
    children.emplace_back("." + object.type()->getAttributeName(i), object.slots()[i]);
  }
  return children;
}

std::string class_name(const c10::IValue& value) {
  const auto& name = value.toObjectRef().type()->name();
  return name ? name->qualifiedName() : "without a name";
}

Kind container_kind(const c10::IValue& value) {
  if (value.isTuple()) return Kind::kTuple;
  if (is_number_list(value)) return Kind::kNumbers;
  if (value.isList()) return Kind::kList;
  if (value.isGenericDict()) return is_looked_up_by_value(value) ? Kind::kDict : Kind::kOpaque;
  if (value.isObject()) return value.isCustomClass() ? Kind::kOpaque : Kind::kObject;
  return Kind::kOpaque;
}

}  // namespace

Kind kind_of(const c10::IValue& value) {
  if (value.isNone() || (value.isTensor() && !value.toTensor().defined())) return Kind::kNone;
  if (value.isTensor()) return Kind::kTensor;
  if (value.isInt()) return Kind::kInt;
  if (value.isDouble()) return Kind::kFloat;
  if (value.isComplexDouble()) return Kind::kComplex;
  if (value.isBool()) return Kind::kBool;
  if (value.isString()) return Kind::kString;
  if (value.isDevice()) return Kind::kDevice;
  if (value.isEnum()) return Kind::kEnum;
  return container_kind(value);
}

std::string type_word(const c10::IValue& value) {
  switch (kind_of(value)) {
    case Kind::kTensor:
      return "Tensor";
    case Kind::kTuple:
      return "tuple";
    case Kind::kList:
      return "list";
    case Kind::kNumbers:
      return "List[" + value.toList().elementType()->annotation_str() + "]";
    case Kind::kDict:
      return "dict";
    case Kind::kObject:
      return "object";
    case Kind::kNone:
      return "None";
    case Kind::kInt:
      return "int";
    case Kind::kFloat:
      return "float";
    case Kind::kComplex:
      return "complex";
    case Kind::kBool:
      return "bool";
    case Kind::kString:
      return "str";
    case Kind::kDevice:
      return "Device";
    case Kind::kEnum:
      return "enum";
    case Kind::kOpaque:
      break;
  }
  return value.tagKind();
}

std::string describe(const c10::IValue& value) {
  const auto word = type_word(value);
  switch (kind_of(value)) {
    case Kind::kTuple:
      return word + " of " + std::to_string(value.toTupleRef().elements().size());
    case Kind::kList:
    case Kind::kNumbers:
      return word + " of " + std::to_string(value.toListRef().size());
    case Kind::kDict:
      return word + " with " + format_count(value.toGenericDict().size(), "key");
    case Kind::kObject:
      return "object of class " + class_name(value);
    case Kind::kOpaque:
      if (value.isObject()) return "object of the C++ class " + class_name(value);
      if (value.isGenericDict()) return "dict whose keys are tensors";
      return word;
    default:
      return word;
  }
}

std::vector<Child> children_of(const c10::IValue& value) {
  switch (kind_of(value)) {
    case Kind::kTuple:
      return tuple_children(value);
    case Kind::kList:
      return list_children(value);
    case Kind::kDict:
      return dict_children(value);
    case Kind::kObject:
      return object_children(value);
    default:
      return {};
  }
}

std::optional<at::Tensor> tensor_at(const c10::IValue& value, const std::string& here,
                                    const std::string& path) {
  const Kind kind = kind_of(value);
  if (kind == Kind::kTensor) {
    for (const Part& part : parts_of(value.toTensor())) {
      if (path == (part.name.empty() ? here : here + "." + part.name + "()")) {
        return part.tensor.contiguous();
      }
    }
  }
  if (here == path) {
    if (kind == Kind::kNumbers) return numbers_tensor(value);
    if (kind == Kind::kFloat) return at::scalar_tensor(value.toDouble(), at::kDouble);
    if (kind == Kind::kComplex) {
      return at::scalar_tensor(value.toComplexDouble(), at::kComplexDouble);
    }
  }
  for (const auto& [name, child] : children_of(value)) {
    if (!path.starts_with(here + name)) continue;
    if (auto found = tensor_at(child, here + name, path)) return found;
  }
  return std::nullopt;
}

std::string quoted(const std::string& text) {
  const bool is_long = text.size() > kTextShown;
  return "\"" + escaped(text.substr(0, kTextShown)) + "\"" + (is_long ? "..." : "");
}

at::Tensor numbers_tensor(const c10::IValue& list) {
  if (list.isIntList()) return at::tensor(list.toIntVector());
  if (list.isDoubleList()) return at::tensor(list.toDoubleVector(), at::kDouble);
  if (list.isComplexDoubleList()) {
    return at::tensor(list.toComplexDoubleVector(), at::kComplexDouble);
  }
  const auto flags = list.toBoolList();
  auto tensor = at::empty({static_cast<std::int64_t>(flags.size())}, at::kBool);
  for (std::size_t i = 0; i < flags.size(); ++i) tensor.mutable_data_ptr<bool>()[i] = flags[i];
  return tensor;
}

}  // namespace crosstrace::detail
