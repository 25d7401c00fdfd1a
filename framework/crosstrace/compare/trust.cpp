// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <crosstrace/compare/detail/element.h>
#include <crosstrace/compare/detail/format.h>
#include <crosstrace/compare/detail/parts.h>
#include <crosstrace/compare/detail/value.h>
#include <crosstrace/compare/detail/visit_dtype.h>
#include <crosstrace/compare/trust.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace crosstrace {
namespace {

using detail::Kind;

constexpr std::size_t kLeavesShown = 3;

struct Array {
  std::string path;
  at::Tensor elements;  // contiguous, on the CPU
};

/// All leaves of a reference: its arrays, and how many other values there are.
struct Leaves {
  std::vector<Array> arrays;
  bool has_other = false;  // a number, text or something that cannot be looked into
};

void add_tensor(Leaves& leaves, const at::Tensor& tensor, const std::string& path) {
  const bool can_be_read = !tensor.is_nested() && !tensor.is_meta();
  const auto parts = can_be_read ? detail::parts_of(tensor) : std::vector<detail::Part>();
  if (parts.empty())
    leaves.has_other = true;
  else
    leaves.arrays.push_back({path, parts.back().tensor.contiguous()});
}

void collect(Leaves& leaves, const c10::IValue& value, const std::string& path) {
  switch (detail::kind_of(value)) {
    case Kind::kTensor:
      return add_tensor(leaves, value.toTensor(), path);
    case Kind::kNumbers:
      leaves.arrays.push_back({path, detail::numbers_tensor(value)});
      return;
    case Kind::kNone:
      return;
    case Kind::kTuple:
    case Kind::kList:
    case Kind::kDict:
    case Kind::kObject:
      for (const auto& [name, child] : detail::children_of(value))
        collect(leaves, child, path + name);
      return;
    default:
      leaves.has_other = true;
  }
}

// Bit by bit, so that a tensor of nothing but NaN is constant too.
bool has_equal_bytes(const at::Tensor& elements) {
  const auto* bytes = static_cast<const char*>(elements.const_data_ptr());
  const auto size = elements.element_size();
  return std::memcmp(bytes, bytes + size, elements.nbytes() - size) == 0;
}

// 0 and -0 in turn, as `x * 0` gives them, say no more than zeros do.
bool is_constant(const at::Tensor& elements) {
  return has_equal_bytes(elements) || elements.count_nonzero().item<std::int64_t>() == 0;
}

std::string first_element(const at::Tensor& elements) {
  return detail::visit_dtype(elements.scalar_type(), [&]<class T>(std::type_identity<T>) {
    return detail::format_element(*static_cast<const T*>(elements.const_data_ptr()),
                                  elements.scalar_type());
  });
}

std::string constants(const std::vector<Array>& arrays) {
  if (arrays.size() == 1) {
    const auto& elements = arrays[0].elements;
    return "all " + std::to_string(elements.numel()) + " elements are " + first_element(elements);
  }
  std::string text;
  for (std::size_t i = 0; i < std::min(arrays.size(), kLeavesShown); ++i) {
    text += (i > 0 ? ", " : "") + arrays[i].path + " is " + first_element(arrays[i].elements) +
            " everywhere";
  }
  if (arrays.size() > kLeavesShown) {
    text += ", and " + std::to_string(arrays.size() - kLeavesShown) + " more";
  }
  return text;
}

bool says_something(const Array& array) {
  return array.elements.numel() == 1 || !is_constant(array.elements);
}

}  // namespace

std::string why_untrusted(const c10::IValue& reference) {
  const c10::NoGradGuard no_grad;
  Leaves leaves;
  collect(leaves, reference, "output");
  if (leaves.has_other) return "";
  if (leaves.arrays.empty()) return "the output holds no values";
  std::erase_if(leaves.arrays, [](const Array& array) { return array.elements.numel() == 0; });
  if (leaves.arrays.empty()) return "every output is empty";
  if (std::any_of(leaves.arrays.begin(), leaves.arrays.end(), says_something)) return "";
  return "every output is constant: " + constants(leaves.arrays);
}

}  // namespace crosstrace
