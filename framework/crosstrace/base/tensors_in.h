// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The tensors in a value, however deep they are.
///
///     std::int64_t elements = 0;
///     crosstrace::visit_tensors(value, [&](const at::Tensor& tensor) { elements += tensor.numel(); });
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <utility>
#include <vector>

namespace crosstrace {

/// True for types whose values may hold tensors.
bool can_hold_tensors(const c10::Type& type);

/// Replaces each tensor in `value`, however deep in lists, tuples, dicts and optionals, by
/// `change(tensor)`. Containers are rebuilt, never changed: others may hold them.
template <class Change>
void change_tensors(c10::IValue& value, const Change& change) {
  if (value.isTensor()) {
    value = change(std::move(value).toTensor());
  } else if (value.isList()) {
    const c10::List<c10::IValue> list = value.toList();
    c10::impl::GenericList changed(list.elementType());
    changed.reserve(list.size());
    for (c10::IValue item : list) {
      change_tensors(item, change);
      changed.push_back(std::move(item));
    }
    value = std::move(changed);
  } else if (value.isTuple()) {
    std::vector<c10::IValue> items(value.toTupleRef().elements().begin(),
                                   value.toTupleRef().elements().end());
    for (c10::IValue& item : items) change_tensors(item, change);
    value = c10::ivalue::Tuple::createNamed(std::move(items), value.toTupleRef().type());
  } else if (value.isGenericDict()) {
    const auto dict = value.toGenericDict();
    c10::impl::GenericDict changed(dict.keyType(), dict.valueType());
    for (const auto& entry : dict) {
      c10::IValue item = entry.value();
      change_tensors(item, change);
      changed.insert(entry.key(), std::move(item));
    }
    value = std::move(changed);
  }
}

/// Calls `visit(tensor)` for each defined tensor in `value`, in order.
template <class Visit>
void visit_tensors(const c10::IValue& value, const Visit& visit) {
  if (value.isTensor()) {
    if (value.toTensor().defined()) visit(value.toTensor());
  } else if (value.isList()) {
    for (const c10::IValue& item : value.toListRef()) visit_tensors(item, visit);
  } else if (value.isTuple()) {
    for (const c10::IValue& item : value.toTupleRef().elements()) visit_tensors(item, visit);
  } else if (value.isGenericDict()) {
    for (const auto& entry : value.toGenericDict()) visit_tensors(entry.value(), visit);
  }
}

}  // namespace crosstrace
