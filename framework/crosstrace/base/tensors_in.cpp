// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/tensors_in.h>

#include <algorithm>

namespace crosstrace {

using c10::TypeKind;

bool can_hold_tensors(const c10::Type& type) {
  if (type.kind() == TypeKind::TensorType || type.kind() == TypeKind::AnyType ||
      type.kind() == TypeKind::VarType) {
    return true;
  }
  const auto contained = type.containedTypes();
  return std::any_of(contained.begin(), contained.end(),
                     [](const c10::TypePtr& inner) { return can_hold_tensors(*inner); });
}

}  // namespace crosstrace
