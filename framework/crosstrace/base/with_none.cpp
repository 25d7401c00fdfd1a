// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/Tensor.h>
#include <crosstrace/base/with_none.h>

#include <utility>
#include <vector>

namespace crosstrace {
namespace {

bool has_undefined(const c10::IValue& value) {
  if (value.isTensor()) return !value.toTensor().defined();
  if (!value.isTuple()) return false;
  for (const c10::IValue& element : value.toTupleRef().elements()) {
    if (has_undefined(element)) return true;
  }
  return false;
}

}  // namespace

c10::IValue with_none(const c10::IValue& value) {
  if (!has_undefined(value)) return value;
  if (value.isTensor()) return {};
  std::vector<c10::IValue> elements;
  for (const c10::IValue& element : value.toTupleRef().elements()) {
    elements.push_back(with_none(element));
  }
  return c10::ivalue::Tuple::create(std::move(elements));
}

}  // namespace crosstrace
