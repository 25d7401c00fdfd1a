// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/diagnose/detail/fact.h>

#include <algorithm>

namespace crosstrace::detail {
namespace {

using Kind = Fact::Kind;

Fact of_kind(Kind kind) {
  Fact fact;
  fact.kind = kind;
  return fact;
}

Fact of_items(Kind kind, std::vector<Fact> items) {
  Fact fact = of_kind(kind);
  fact.contents = std::make_shared<Contents>();
  fact.contents->items = std::move(items);
  return fact;
}

void join_places(Fact& into, const Fact& other, Places& places) {
  if (into.places.empty() || other.places.empty()) return into.places.clear();
  for (const Place* place : other.places) {
    auto* same = std::find_if(into.places.begin(), into.places.end(), [&](const Place* known) {
      return known->device == place->device && known->extent == place->extent;
    });
    if (same == into.places.end()) {
      into.places.push_back(place);
    } else {
      *same = places.merge(*same, place);
    }
  }
}

Fact join_contents(const Fact& a, const Fact& b, Places& places) {
  if (a.contents == b.contents) return a;
  if (a.contents->exact && b.contents->exact && !a.contents->is_dict &&
      a.contents->items.size() == b.contents->items.size()) {
    std::vector<Fact> items;
    for (std::size_t i = 0; i < a.contents->items.size(); ++i) {
      items.push_back(join(a.contents->items[i], b.contents->items[i], places));
    }
    return of_items(a.kind, std::move(items));
  }
  Fact joined = of_items(
      a.kind, {join(join_all(*a.contents, places), join_all(*b.contents, places), places)});
  joined.contents->exact = false;
  joined.contents->is_dict = a.contents->is_dict;
  return joined;
}

Fact join_with_none(Fact fact) {
  if (fact.kind != Kind::kTensor) return Fact::unknown();
  fact.maybe_none = true;
  return fact;
}

bool same_constants(const c10::IValue& a, const c10::IValue& b) {
  if (a.tagKind() != b.tagKind() || a.isObject()) return false;
  return a.isNone() || a == b;
}

bool same_places(const Fact& a, const Fact& b) {
  return std::equal(a.places.begin(), a.places.end(), b.places.begin(), b.places.end(),
                    [](const Place* x, const Place* y) {
                      return x == y || (x->device == y->device && x->extent == y->extent &&
                                        x->origins.size() == y->origins.size());
                    });
}

bool alike_contents(const Contents& a, const Contents& b) {
  return &a == &b || (a.exact == b.exact && a.items.size() == b.items.size() &&
                      std::equal(a.items.begin(), a.items.end(), b.items.begin(), alike));
}

}  // namespace

Fact Fact::unknown() { return of_kind(Kind::kUnknown); }

Fact Fact::tensor(const Place* place, int rank) {
  Fact fact = of_kind(Kind::kTensor);
  if (place != nullptr) fact.places.push_back(place);
  fact.rank = rank;
  return fact;
}

Fact Fact::device(const Place* place) {
  Fact fact = of_kind(Kind::kDevice);
  fact.places.push_back(place);
  return fact;
}

Fact Fact::of(c10::IValue constant, const Place* source) {
  Fact fact = of_kind(Kind::kConstant);
  fact.constant = std::move(constant);
  fact.source = source;
  return fact;
}

Fact Fact::list(std::vector<Fact> items) { return of_items(Kind::kList, std::move(items)); }

Fact Fact::tuple(std::vector<Fact> items) { return of_items(Kind::kTuple, std::move(items)); }

Fact Fact::of_object(const void* object) {
  Fact fact = of_kind(Kind::kObject);
  fact.object = object;
  return fact;
}

Fact join_all(const Contents& contents, Places& places) {
  Fact joined;
  for (const Fact& item : contents.items) joined = join(joined, item, places);
  return joined;
}

void blur(Contents& contents, Places& places) {
  if (!contents.exact) return;
  Fact all = join_all(contents, places);
  contents.items.clear();
  contents.keys.clear();
  if (all.kind != Kind::kNothing) contents.items.push_back(std::move(all));
  contents.exact = false;
}

int join_ranks(int a, int b) {
  if (a == b) return a;
  const auto has_dims = [](int rank) { return rank > 0 || rank == Fact::kSomeDims; };
  return has_dims(a) && has_dims(b) ? Fact::kSomeDims : Fact::kUnknownRank;
}

Fact join(const Fact& a, const Fact& b, Places& places) {
  if (a.kind == Kind::kNothing) return b;
  if (b.kind == Kind::kNothing) return a;
  if (a.is_none() && !b.is_none()) return join_with_none(b);
  if (b.is_none() && !a.is_none()) return join_with_none(a);
  if (a.kind != b.kind) return Fact::unknown();
  switch (a.kind) {
    case Kind::kTensor:
    case Kind::kDevice: {
      Fact joined = a;
      join_places(joined, b, places);
      joined.maybe_none = a.maybe_none || b.maybe_none;
      joined.rank = join_ranks(a.rank, b.rank);
      return joined;
    }
    case Kind::kConstant:
      return same_constants(a.constant, b.constant) ? a : Fact::unknown();
    case Kind::kList:
    case Kind::kTuple:
      return join_contents(a, b, places);
    default:
      return a.object == b.object ? a : Fact::unknown();
  }
}

bool alike(const Fact& a, const Fact& b) {
  if (a.kind != b.kind || a.maybe_none != b.maybe_none || a.rank != b.rank ||
      a.object != b.object || !same_places(a, b)) {
    return false;
  }
  if (a.kind == Kind::kConstant) return same_constants(a.constant, b.constant);
  return a.contents == nullptr || alike_contents(*a.contents, *b.contents);
}

}  // namespace crosstrace::detail
