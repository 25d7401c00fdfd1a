// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/jit_type.h>
#include <crosstrace/devices/on_cpu.h>
#include <crosstrace/models/spec.h>

#include <limits>
#include <utility>

namespace crosstrace {
namespace {

using Integers = std::pair<std::int64_t, std::int64_t>;
using Reals = std::pair<double, double>;

// LibTorch fills the common dtypes only; the others are converted from one that holds all their
// values.
at::ScalarType drawn_dtype(at::ScalarType dtype) {
  if (dtype == at::kDouble || dtype == at::kComplexDouble) return dtype;
  if (c10::isComplexType(dtype)) return at::kComplexFloat;
  return c10::isFloatingType(dtype) ? at::kFloat : at::kLong;
}

void fill(at::Tensor& tensor, const Integers& range, at::Generator& generator) {
  // The end that random_ leaves out cannot be written for the greatest integer; no end means that
  // one is included.
  const bool reaches_end = range.second == std::numeric_limits<std::int64_t>::max();
  const auto end = reaches_end ? std::nullopt : std::optional<std::int64_t>(range.second + 1);
  tensor.random_(range.first, end, generator);
}

void fill(at::Tensor& tensor, const Reals& range, at::Generator& generator) {
  tensor.uniform_(range.first, range.second, generator);
}

void fill(at::Tensor& tensor, std::monostate, at::Generator& generator) {
  if (tensor.scalar_type() == at::kLong)
    tensor.random_(0, 2, generator);  // a bool in the making
  else
    tensor.normal_(0, 1, generator);
}

at::Tensor draw_tensor(const InputSpec& spec, at::Generator& generator) {
  auto tensor = at::empty(spec.shape, drawn_dtype(spec.dtype));
  std::visit([&](const auto& range) { fill(tensor, range, generator); }, spec.range);
  return tensor.to(spec.dtype);
}

std::vector<c10::IValue> draw_elements(const InputSpec& spec, at::Generator& generator) {
  std::vector<c10::IValue> values;
  for (const auto& element : spec.elements) values.push_back(draw(element, generator));
  return values;
}

c10::IValue draw_list(const InputSpec& spec, at::Generator& generator) {
  c10::impl::GenericList list(spec.type->expectRef<c10::ListType>().getElementType());
  for (auto& value : draw_elements(spec, generator)) list.push_back(std::move(value));
  return list;
}

c10::IValue draw_dict(const InputSpec& spec, at::Generator& generator) {
  const auto& type = spec.type->expectRef<c10::DictType>();
  c10::impl::GenericDict dict(type.getKeyType(), type.getValueType());
  const auto values = draw_elements(spec, generator);
  for (std::size_t i = 0; i < values.size(); ++i) dict.insert(spec.keys[i], values[i]);
  return dict;
}

c10::IValue draw_any(const InputSpec& spec, at::Generator& generator) {
  switch (spec.kind) {
    case InputSpec::Kind::kTensor:
      return draw_tensor(spec, generator);
    case InputSpec::Kind::kList:
      return draw_list(spec, generator);
    case InputSpec::Kind::kTuple:
      return c10::ivalue::Tuple::createNamed(draw_elements(spec, generator),
                                             spec.type->expect<c10::TupleType>());
    case InputSpec::Kind::kDict:
      return draw_dict(spec, generator);
    case InputSpec::Kind::kValue:
      break;
  }
  return spec.value.deepcopy();
}

}  // namespace

c10::IValue draw(const InputSpec& spec, at::Generator& generator) {
  c10::IValue value = draw_any(spec, generator);
  return spec.stays_on_cpu ? on_cpu(std::move(value)) : value;
}

std::vector<c10::IValue> draw_all(const std::vector<InputSpec>& specs) {
  auto generator = at::detail::getDefaultCPUGenerator();
  std::vector<c10::IValue> values;
  for (const auto& spec : specs) values.push_back(draw(spec, generator));
  return values;
}

}  // namespace crosstrace
