// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/flow/detail/element_count.h>
#include <crosstrace/flow/detail/shape_inference.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_set>

namespace crosstrace::detail {
namespace {

using Arguments = std::vector<const AbstractValue*>;

/// The list of sizes that a tensor is made with; null if it is not told item by item.
const Contents* sizes_of(const OperatorInfo& info, const Arguments& arguments) {
  const auto& formal = info.schema->arguments();
  for (std::size_t i = 0; i < formal.size() && i < arguments.size(); ++i) {
    if (formal[i].name() != "size") continue;
    const bool is_told = arguments[i]->contents && arguments[i]->contents->exact;
    return is_told ? arguments[i]->contents.get() : nullptr;
  }
  return nullptr;
}

std::optional<int64_t> known_size(const AbstractValue& item) {
  const bool known = item.kind == AbstractValue::Kind::kConstant && item.constant.isInt();
  return known ? std::optional(item.constant.toInt()) : std::nullopt;
}

/// Operators that leave the elements of their first tensor as many as they are.
bool keeps_elements(std::string_view base) {
  static const auto* names = new std::unordered_set<std::string_view>{
      "to",    "_to_copy", "cpu",       "cuda", "type_as", "clone",   "detach", "contiguous",
      "alias", "squeeze",  "unsqueeze", "view", "reshape", "flatten", "float",  "item"};
  return names->count(base) > 0;
}

}  // namespace

Extent result_extent(const OperatorInfo& info, const Arguments& arguments) {
  if (info.placement == ResultPlacement::kLike || info.placement == ResultPlacement::kSecond) {
    const bool known =
        arguments[0]->kind == AbstractValue::Kind::kTensor && arguments[0]->places.size() == 1;
    const bool resized = info.base.rfind("new_", 0) == 0;
    return known && !resized ? arguments[0]->places[0]->extent : Extent::kUnknown;
  }
  if (info.placement != ResultPlacement::kFactory) return Extent::kUnknown;
  const Contents* sizes = sizes_of(info, arguments);
  if (sizes == nullptr) return Extent::kUnknown;
  Extent extent = Extent::kFilled;
  for (const AbstractValue& item : sizes->items) {
    const auto size = known_size(item);
    if (size == 0) return Extent::kEmpty;
    if (!size) extent = Extent::kUnknown;
  }
  return extent;
}

bool result_is_single(const OperatorInfo& info, const Arguments& arguments) {
  const auto is_tensor = [&](std::size_t index) {
    return index < arguments.size() && arguments[index]->kind == AbstractValue::Kind::kTensor;
  };
  if (info.placement == ResultPlacement::kFactory) {
    const Contents* sizes = sizes_of(info, arguments);
    return sizes != nullptr && std::all_of(sizes->items.begin(), sizes->items.end(),
                                           [](const auto& item) { return known_size(item) == 1; });
  }
  if (keeps_elements(info.base)) return is_tensor(0) && arguments[0]->has_one_element();
  bool any = false;
  if (!is_elementwise(info)) return false;
  for (const std::size_t index : info.tensors) {
    if (!is_tensor(index)) continue;
    if (!arguments[index]->has_one_element()) return false;
    any = true;
  }
  return any;
}

}  // namespace crosstrace::detail
