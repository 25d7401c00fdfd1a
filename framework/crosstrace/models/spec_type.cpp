// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/jit_type.h>
#include <crosstrace/models/detail/pickled_file.h>
#include <crosstrace/models/spec.h>

#include <algorithm>

namespace crosstrace {
namespace {

using Kind = InputSpec::Kind;

bool all_fit(const std::vector<InputSpec>& elements, const c10::TypePtr& type) {
  return std::all_of(elements.begin(), elements.end(),
                     [&](const InputSpec& one) { return one.type->isSubtypeOf(*type); });
}

void take_element_type(InputSpec& spec, const c10::TypePtr& element_type,
                       const c10::TypePtr& wanted) {
  for (InputSpec& element : spec.elements) take_type(element, element_type);
  if (all_fit(spec.elements, element_type)) spec.type = wanted;
}

void take_dict_type(InputSpec& spec, const c10::DictType& dict, const c10::TypePtr& wanted) {
  const auto is_key = [&](const c10::IValue& key) {
    return key.type()->isSubtypeOf(*dict.getKeyType());
  };
  if (!std::all_of(spec.keys.begin(), spec.keys.end(), is_key)) return;
  take_element_type(spec, dict.getValueType(), wanted);
}

void take_tuple_type(InputSpec& spec, const c10::TupleType& tuple, const c10::TypePtr& wanted) {
  if (tuple.elements().size() != spec.elements.size()) return;
  bool fits = true;
  for (std::size_t i = 0; i < spec.elements.size(); ++i) {
    take_type(spec.elements[i], tuple.elements()[i]);
    fits = fits && spec.elements[i].type->isSubtypeOf(*tuple.elements()[i]);
  }
  if (fits) spec.type = wanted;
}

}  // namespace

void take_type(InputSpec& spec, const c10::TypePtr& wanted) {
  if (const auto optional = wanted->cast<c10::OptionalType>()) {
    return take_type(spec, optional->getElementType());
  }
  if (spec.kind == Kind::kValue) {
    spec.value = detail::with_type(spec.value, wanted);
    spec.type = detail::declared_type(spec.value);
  } else if (const auto list = wanted->cast<c10::ListType>(); list && spec.kind == Kind::kList) {
    take_element_type(spec, list->getElementType(), wanted);
  } else if (const auto dict = wanted->cast<c10::DictType>(); dict && spec.kind == Kind::kDict) {
    take_dict_type(spec, *dict, wanted);
  } else if (const auto tuple = wanted->cast<c10::TupleType>();
             tuple && spec.kind == Kind::kTuple) {
    take_tuple_type(spec, *tuple, wanted);
  }
}

}  // namespace crosstrace
