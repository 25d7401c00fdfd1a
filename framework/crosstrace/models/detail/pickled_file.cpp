// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/jit_type.h>
#include <caffe2/serialize/inline_container.h>
#include <crosstrace/models/detail/pickled_file.h>
#include <torch/csrc/jit/serialization/import_read.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace crosstrace::detail {
namespace {

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw std::invalid_argument("cannot read " + path + ": " + why.substr(0, why.find('\n')));
}

void check_readable(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (file.peek() == std::ifstream::traits_type::eof()) {
    refuse(path, errno != 0 ? std::strerror(errno) : "the file is empty");
  }
}

c10::IValue read(const std::string& path) {
  caffe2::serialize::PyTorchStreamReader reader(path);
  if (reader.hasRecord("constants.pkl")) {
    refuse(path, "it is a TorchScript archive; expected values saved by torch.save");
  }
  return torch::jit::readArchiveAndTensors("data", "", "", std::nullopt, std::nullopt,
                                           c10::Device(c10::kCPU), reader);
}

c10::IValue retyped(const c10::IValue& value);

c10::TypePtr common_type_or_any(const std::vector<c10::IValue>& values) {
  std::vector<c10::TypePtr> types;
  for (const auto& value : values) types.push_back(declared_type(value));
  const auto type = common_type(types);
  return type ? type : c10::AnyType::get();
}

// Python's lists and dicts come without a type.
c10::IValue retyped_list(const c10::IValue& value) {
  std::vector<c10::IValue> elements;
  for (const c10::IValue& element : value.toListRef()) elements.push_back(retyped(element));
  c10::impl::GenericList list(common_type_or_any(elements));
  for (auto& element : elements) list.push_back(std::move(element));
  return list;
}

c10::IValue retyped_dict(const c10::IValue& value) {
  std::vector<c10::IValue> keys, values;
  for (const auto& entry : value.toGenericDict()) {
    keys.push_back(entry.key());
    values.push_back(retyped(entry.value()));
  }
  if (keys.empty()) return value;
  c10::impl::GenericDict dict(common_type_or_any(keys), common_type_or_any(values));
  for (std::size_t i = 0; i < keys.size(); ++i) dict.insert(keys[i], values[i]);
  return dict;
}

c10::IValue retyped(const c10::IValue& value) {
  if (value.isTuple()) {
    std::vector<c10::IValue> elements;
    for (const auto& element : value.toTupleRef().elements()) elements.push_back(retyped(element));
    return c10::ivalue::Tuple::create(std::move(elements));
  }
  if (value.isList() && value.toList().elementType()->kind() == c10::TypeKind::AnyType) {
    return retyped_list(value);
  }
  if (value.isGenericDict()) return retyped_dict(value);
  return value;
}

}  // namespace

namespace {

bool all_are(const std::vector<c10::IValue>& values, const c10::TypePtr& type) {
  return std::all_of(values.begin(), values.end(), [&](const c10::IValue& value) {
    return declared_type(value)->isSubtypeOf(*type);
  });
}

c10::IValue list_with_type(const c10::IValue& value, const c10::TypePtr& element_type) {
  std::vector<c10::IValue> elements;
  for (const c10::IValue& element : value.toListRef()) {
    elements.push_back(with_type(element, element_type));
  }
  if (!all_are(elements, element_type)) return value;
  c10::impl::GenericList list(element_type);
  for (c10::IValue& element : elements) list.push_back(std::move(element));
  return list;
}

c10::IValue dict_with_type(const c10::IValue& value, const c10::DictType& type) {
  std::vector<c10::IValue> keys, values;
  for (const auto& entry : value.toGenericDict()) {
    keys.push_back(entry.key());
    values.push_back(with_type(entry.value(), type.getValueType()));
  }
  if (!all_are(keys, type.getKeyType()) || !all_are(values, type.getValueType())) return value;
  c10::impl::GenericDict dict(type.getKeyType(), type.getValueType());
  for (std::size_t i = 0; i < keys.size(); ++i) dict.insert(keys[i], values[i]);
  return dict;
}

c10::IValue tuple_with_type(const c10::IValue& value, const c10::TupleTypePtr& type) {
  const auto& old = value.toTupleRef().elements();
  if (old.size() != type->elements().size()) return value;
  std::vector<c10::IValue> elements;
  for (std::size_t i = 0; i < old.size(); ++i) {
    elements.push_back(with_type(old[i], type->elements()[i]));
    if (!declared_type(elements.back())->isSubtypeOf(*type->elements()[i])) return value;
  }
  return c10::ivalue::Tuple::createNamed(std::move(elements), type);
}

}  // namespace

c10::IValue with_type(const c10::IValue& value, const c10::TypePtr& wanted) {
  if (const auto optional = wanted->cast<c10::OptionalType>()) {
    return with_type(value, optional->getElementType());
  }
  const auto list = wanted->cast<c10::ListType>();
  if (list && value.isList()) return list_with_type(value, list->getElementType());
  const auto dict = wanted->cast<c10::DictType>();
  if (dict && value.isGenericDict()) return dict_with_type(value, *dict);
  const auto tuple = wanted->cast<c10::TupleType>();
  if (tuple && value.isTuple()) return tuple_with_type(value, tuple);
  return value;
}

c10::TypePtr declared_type(const c10::IValue& value) {
  if (value.isTensor()) return c10::TensorType::get();
  if (!value.isTuple()) return value.type();
  std::vector<c10::TypePtr> types;
  for (const auto& element : value.toTupleRef().elements()) types.push_back(declared_type(element));
  return c10::TupleType::create(std::move(types));
}

c10::TypePtr common_type(const std::vector<c10::TypePtr>& types) {
  if (types.empty()) return c10::TensorType::get();
  std::ostringstream ignored;
  return c10::unifyTypeList(types, ignored).value_or(nullptr);
}

c10::IValue load_pickled(const std::string& path) {
  check_readable(path);
  try {
    return retyped(read(path));
  } catch (const c10::Error& error) {
    refuse(path, error.what_without_backtrace());
  } catch (const std::invalid_argument&) {
    throw;  // It says which file already.
  } catch (const std::exception& error) {
    refuse(path, error.what());
  }
}

}  // namespace crosstrace::detail
