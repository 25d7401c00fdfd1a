// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What flow analysis knows of one value.
#pragma once

#include <ATen/core/ivalue.h>
#include <c10/util/SmallVector.h>
#include <crosstrace/diagnose/detail/place.h>

#include <memory>
#include <vector>

namespace crosstrace::detail {

struct Contents;

using PlaceSet = c10::SmallVector<const Place*, 1>;

struct Fact {
  enum class Kind : uint8_t {
    kNothing,   ///< No path gives it a value.
    kUnknown,   ///< May be anything.
    kTensor,    ///< At one of `places`.
    kDevice,    ///< One of `places`.
    kConstant,  ///< `constant`: None, a number, a string, a list of those.
    kList,      ///< `contents`, shared by all that name the same list. Also dicts: their values.
    kTuple,     ///< `contents`.
    kObject,    ///< `object`: a module, or an object of a TorchScript class.
  };
  static constexpr int kUnknownRank = -1;
  static constexpr int kSomeDims = -2;  ///< At least one, as inputs are taken to have.

  Kind kind = Kind::kNothing;
  bool maybe_none = false;  ///< None is possible as well.
  int rank = kUnknownRank;  ///< Number of dims of a tensor.
  PlaceSet places;          ///< Empty: not known, so nothing is said about it.
  c10::IValue constant;
  const Place* source = nullptr;  ///< The place that a constant was computed from, if any.
  std::shared_ptr<Contents> contents;
  const void* object = nullptr;

  static Fact unknown();
  static Fact tensor(const Place* place, int rank = kUnknownRank);
  static Fact device(const Place* place);
  static Fact of(c10::IValue constant, const Place* source = nullptr);
  static Fact list(std::vector<Fact> items);
  static Fact tuple(std::vector<Fact> items);
  static Fact of_object(const void* object);

  bool is_none() const { return kind == Kind::kConstant && constant.isNone(); }
};

/// What a list, dict or tuple holds.
struct Contents {
  std::vector<Fact> items;  ///< Each, in order, while they can be told apart.
  bool exact = true;        ///< If not, `items` is one fact for all of them, or empty.
  bool is_dict = false;
  std::vector<c10::IValue> keys;  ///< Of a dict, one for each item while they can be told apart.
};

/// A fact for all of `contents`.
Fact join_all(const Contents& contents, Places& places);

/// From now on one fact stands for all items.
void blur(Contents& contents, Places& places);

/// What is known of the number of dims of what has the one or the other.
int join_ranks(int a, int b);

/// What is known of a value that is one or the other.
Fact join(const Fact& a, const Fact& b, Places& places);

/// True if analysis with either finds the same.
bool alike(const Fact& a, const Fact& b);

/// Calls `visit(fact)` for the tensors in `fact`, also inside containers.
template <class Visit>
void visit_tensors(const Fact& fact, const Visit& visit) {
  if (fact.kind == Fact::Kind::kTensor) {
    visit(fact);
  } else if (fact.contents) {
    for (const Fact& item : fact.contents->items) visit_tensors(item, visit);
  }
}

}  // namespace crosstrace::detail
