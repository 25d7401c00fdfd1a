// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/flow/detail/abstract_value.h>

#include <algorithm>

namespace crosstrace::detail {
namespace {

using Kind = AbstractValue::Kind;

AbstractValue of_kind(Kind kind) {
  AbstractValue fact;
  fact.kind = kind;
  return fact;
}

AbstractValue of_items(Kind kind, std::vector<AbstractValue> items) {
  AbstractValue fact = of_kind(kind);
  fact.contents = std::make_shared<Contents>();
  fact.contents->items = std::move(items);
  return fact;
}

void join_places(AbstractValue& into, const AbstractValue& other, DeviceOrigins& places) {
  if (into.places.empty() || other.places.empty()) return into.places.clear();
  for (const DeviceOrigin* place : other.places) {
    auto* same =
        std::find_if(into.places.begin(), into.places.end(), [&](const DeviceOrigin* known) {
          return known->device == place->device && known->extent == place->extent;
        });
    if (same == into.places.end()) {
      into.places.push_back(place);
    } else {
      *same = places.merge(*same, place);
    }
  }
}

AbstractValue join_contents(const AbstractValue& a, const AbstractValue& b, DeviceOrigins& places) {
  if (a.contents == b.contents) return a;
  if (a.contents->exact && b.contents->exact && !a.contents->is_dict &&
      a.contents->items.size() == b.contents->items.size()) {
    std::vector<AbstractValue> items;
    for (std::size_t i = 0; i < a.contents->items.size(); ++i) {
      items.push_back(join(a.contents->items[i], b.contents->items[i], places));
    }
    return of_items(a.kind, std::move(items));
  }
  AbstractValue joined = of_items(
      a.kind, {join(join_all(*a.contents, places), join_all(*b.contents, places), places)});
  joined.contents->exact = false;
  joined.contents->is_dict = a.contents->is_dict;
  return joined;
}

AbstractValue join_with_none(AbstractValue fact) {
  if (fact.kind != Kind::kTensor) return AbstractValue::unknown();
  fact.maybe_none = true;
  return fact;
}

AbstractValue join_objects(AbstractValue into, const AbstractValue& other) {
  for (const void* object : other.objects) {
    const bool known =
        std::find(into.objects.begin(), into.objects.end(), object) != into.objects.end();
    if (!known) into.objects.push_back(object);
  }
  return into;
}

bool same_constants(const c10::IValue& a, const c10::IValue& b) {
  if (a.tagKind() != b.tagKind() || a.isObject()) return false;
  return a.isNone() || a == b;
}

bool same_places(const AbstractValue& a, const AbstractValue& b) {
  return std::equal(a.places.begin(), a.places.end(), b.places.begin(), b.places.end(),
                    [](const DeviceOrigin* x, const DeviceOrigin* y) {
                      return x == y || (x->device == y->device && x->extent == y->extent &&
                                        x->origins.size() == y->origins.size());
                    });
}

bool alike_contents(const Contents& a, const Contents& b) {
  return &a == &b || (a.exact == b.exact && a.items.size() == b.items.size() &&
                      std::equal(a.items.begin(), a.items.end(), b.items.begin(), alike));
}

}  // namespace

AbstractValue AbstractValue::unknown() { return of_kind(Kind::kUnknown); }

AbstractValue AbstractValue::tensor(const DeviceOrigin* place, int rank) {
  AbstractValue fact = of_kind(Kind::kTensor);
  if (place != nullptr) fact.places.push_back(place);
  fact.rank = rank;
  return fact;
}

AbstractValue AbstractValue::device(const DeviceOrigin* place) {
  AbstractValue fact = of_kind(Kind::kDevice);
  fact.places.push_back(place);
  return fact;
}

AbstractValue AbstractValue::of(c10::IValue constant, const DeviceOrigin* source) {
  AbstractValue fact = of_kind(Kind::kConstant);
  fact.constant = std::move(constant);
  fact.source = source;
  return fact;
}

AbstractValue AbstractValue::list(std::vector<AbstractValue> items) {
  return of_items(Kind::kList, std::move(items));
}

AbstractValue AbstractValue::tuple(std::vector<AbstractValue> items) {
  return of_items(Kind::kTuple, std::move(items));
}

AbstractValue AbstractValue::of_object(const void* object) {
  AbstractValue fact = of_kind(Kind::kObject);
  fact.objects.push_back(object);
  return fact;
}

AbstractValue join_all(const Contents& contents, DeviceOrigins& places) {
  AbstractValue joined;
  for (const AbstractValue& item : contents.items) joined = join(joined, item, places);
  return joined;
}

void blur(Contents& contents, DeviceOrigins& places) {
  if (!contents.exact) return;
  AbstractValue all = join_all(contents, places);
  contents.items.clear();
  contents.keys.clear();
  if (all.kind != Kind::kNothing) contents.items.push_back(std::move(all));
  contents.exact = false;
}

int join_ranks(int a, int b) {
  if (a == b) return a;
  const auto has_dims = [](int rank) { return rank > 0 || rank == AbstractValue::kSomeDims; };
  return has_dims(a) && has_dims(b) ? AbstractValue::kSomeDims : AbstractValue::kUnknownRank;
}

AbstractValue join(const AbstractValue& a, const AbstractValue& b, DeviceOrigins& places) {
  if (a.kind == Kind::kNothing) return b;
  if (b.kind == Kind::kNothing) return a;
  if (a.is_none() && !b.is_none()) return join_with_none(b);
  if (b.is_none() && !a.is_none()) return join_with_none(a);
  if (a.kind != b.kind) return AbstractValue::unknown();
  switch (a.kind) {
    case Kind::kTensor:
    case Kind::kDevice: {
      AbstractValue joined = a;
      join_places(joined, b, places);
      joined.maybe_none = a.maybe_none || b.maybe_none;
      joined.rank = join_ranks(a.rank, b.rank);
      joined.is_single = a.has_one_element() && b.has_one_element();
      return joined;
    }
    case Kind::kConstant:
      return same_constants(a.constant, b.constant) ? a : AbstractValue::unknown();
    case Kind::kList:
    case Kind::kTuple:
      return join_contents(a, b, places);
    case Kind::kObject:
      return join_objects(a, b);
    default:
      return a;
  }
}

bool alike(const AbstractValue& a, const AbstractValue& b) {
  if (a.kind != b.kind || a.maybe_none != b.maybe_none || a.rank != b.rank ||
      a.is_single != b.is_single || a.objects != b.objects || !same_places(a, b)) {
    return false;
  }
  if (a.kind == Kind::kConstant) return same_constants(a.constant, b.constant);
  return a.contents == nullptr || alike_contents(*a.contents, *b.contents);
}

}  // namespace crosstrace::detail
