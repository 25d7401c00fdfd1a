// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What flow analysis knows of one value.
#pragma once

#include <ATen/core/ivalue.h>
#include <c10/util/SmallVector.h>
#include <crosstrace/flow/detail/device_origin.h>

#include <memory>
#include <vector>

namespace crosstrace::detail {

struct Contents;

using DeviceOriginSet = c10::SmallVector<const DeviceOrigin*, 1>;

struct AbstractValue {
  enum class Kind : uint8_t {
    kNothing,   ///< No path gives it a value.
    kUnknown,   ///< May be anything.
    kTensor,    ///< At one of `places`.
    kDevice,    ///< One of `places`.
    kConstant,  ///< `constant`: None, a number, a string, a list of those.
    kList,      ///< `contents`, shared by all that name the same list. Also dicts: their values.
    kTuple,     ///< `contents`.
    kObject,    ///< One of `objects`: modules, or objects of TorchScript classes.
  };
  static constexpr int kUnknownRank = -1;
  static constexpr int kSomeDims = -2;  ///< At least one, as inputs are taken to have.

  Kind kind = Kind::kNothing;
  bool maybe_none = false;  ///< None is possible as well.
  int rank = kUnknownRank;  ///< Number of dims of a tensor.
  bool is_single = false;   ///< All sizes of a tensor are 1.
  DeviceOriginSet places;   ///< Empty: not known, so nothing is said about it.
  c10::IValue constant;
  const DeviceOrigin* source = nullptr;  ///< The place that a constant was computed from, if any.
  std::shared_ptr<Contents> contents;
  c10::SmallVector<const void*, 1> objects;

  static AbstractValue unknown();
  static AbstractValue tensor(const DeviceOrigin* place, int rank = kUnknownRank);
  static AbstractValue device(const DeviceOrigin* place);
  static AbstractValue of(c10::IValue constant, const DeviceOrigin* source = nullptr);
  static AbstractValue list(std::vector<AbstractValue> items);
  static AbstractValue tuple(std::vector<AbstractValue> items);
  static AbstractValue of_object(const void* object);

  bool has_one_element() const { return is_single || rank == 0; }
  bool is_none() const { return kind == Kind::kConstant && constant.isNone(); }
};

/// What a list, dict or tuple holds.
struct Contents {
  std::vector<AbstractValue> items;  ///< Each, in order, while they can be told apart.
  bool exact = true;                 ///< If not, `items` is one fact for all of them, or empty.
  bool is_dict = false;
  std::vector<c10::IValue> keys;  ///< Of a dict, one for each item while they can be told apart.
};

/// A fact for all of `contents`.
AbstractValue join_all(const Contents& contents, DeviceOrigins& places);

/// From now on one fact stands for all items.
void blur(Contents& contents, DeviceOrigins& places);

/// What is known of the number of dims of what has the one or the other.
int join_ranks(int a, int b);

/// What is known of a value that is one or the other.
AbstractValue join(const AbstractValue& a, const AbstractValue& b, DeviceOrigins& places);

/// True if analysis with either finds the same.
bool alike(const AbstractValue& a, const AbstractValue& b);

/// Calls `visit(fact)` for the tensors in `fact`, also inside containers; what objects hold only the
/// interpreter knows.
template <class Visit>
void visit_tensors(const AbstractValue& fact, const Visit& visit) {
  if (fact.kind == AbstractValue::Kind::kTensor) {
    visit(fact);
  } else if (fact.contents) {
    for (const AbstractValue& item : fact.contents->items) visit_tensors(item, visit);
  }
}

}  // namespace crosstrace::detail
