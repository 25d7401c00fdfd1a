// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/tensors_in.h>
#include <crosstrace/compare/bitwise.h>
#include <crosstrace/devices/move.h>
#include <crosstrace/matrix/left_behind.h>

#include <algorithm>

namespace crosstrace {
namespace {

/// Objects can be written into as well, and cannot be copied to be compared.
bool can_be_compared(const c10::IValue& value) {
  if (value.isTuple()) {
    const auto& elements = value.toTupleRef().elements();
    return std::all_of(elements.begin(), elements.end(), can_be_compared);
  }
  if (value.isList()) {
    const auto elements = value.toListRef();
    return std::all_of(elements.begin(), elements.end(), can_be_compared);
  }
  if (value.isGenericDict()) {
    for (const auto& entry : value.toGenericDict()) {
      if (!can_be_compared(entry.value())) return false;
    }
    return true;
  }
  return value.isTensor() || value.isScalar() || value.isBool() || value.isString() ||
         value.isNone() || value.isDevice();
}

}  // namespace

Writable writable(const Inputs& inputs, const std::map<std::string, at::Tensor>& buffers) {
  Writable values;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (can_be_compared(inputs[i])) values.emplace("argument " + std::to_string(i), inputs[i]);
  }
  for (const auto& [path, buffer] : buffers) values.emplace("buffer " + path, buffer);
  return values;
}

LeftBehind left_behind(const Writable& before, const Writable& after, const LeftBehind& earlier) {
  LeftBehind left;
  for (const auto& [name, value] : after) {
    const auto old = before.find(name);
    if (old == before.end()) continue;
    const c10::IValue now = move_value(value, c10::kCPU);
    const auto known = earlier.find(name);
    if (known != earlier.end() && bitwise_equal(now, known->second.value)) {
      left.emplace(name, known->second);
      continue;
    }
    const c10::IValue then = move_value(old->second, c10::kCPU);
    const bool is_same = bitwise_equal(now, then);
    left.emplace(name, is_same ? Left{then, false} : Left{now.deepcopy(), true});
  }
  return left;
}

bool same_left_behind(const LeftBehind& a, const LeftBehind& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& one, const auto& other) {
    return one.first == other.first && bitwise_equal(one.second.value, other.second.value);
  });
}

WriteWatch::Marks WriteWatch::marks_of(const c10::IValue& value) {
  Marks marks;
  visit_tensors(value, [&](const at::Tensor& tensor) {
    marks.emplace_back(tensor.unsafeGetTensorImpl(), tensor.is_inference() ? 0 : tensor._version());
  });
  return marks;
}

WriteWatch::WriteWatch(const Writable& before) {
  for (const auto& [name, value] : before) before_.emplace(name, marks_of(value));
}

bool WriteWatch::was_written(const std::string& name, const c10::IValue& now) const {
  const auto found = before_.find(name);
  return found == before_.end() || found->second != marks_of(now);
}

}  // namespace crosstrace
