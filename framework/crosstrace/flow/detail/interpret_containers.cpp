// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/flow/detail/interpreter.h>

#include <string_view>

// Lists and dicts of TorchScript. A dict is known by one fact for all its values.
namespace crosstrace::detail {
namespace {

using Kind = AbstractValue::Kind;

AbstractValue list_of_one(AbstractValue all) {
  AbstractValue list = AbstractValue::list({});
  if (all.kind != Kind::kNothing) list.contents->items.push_back(std::move(all));
  list.contents->exact = false;
  return list;
}

AbstractValue copy_of(const AbstractValue& container) {
  AbstractValue copy = container;
  copy.contents = std::make_shared<Contents>(*container.contents);
  return copy;
}

}  // namespace

/// Which item an index or a key names; nothing if that is not known.
std::optional<std::size_t> Interpreter::position(const Contents& contents,
                                                 const AbstractValue& index) {
  if (!contents.exact || index.kind != Kind::kConstant) return std::nullopt;
  if (contents.is_dict) {
    for (std::size_t i = 0; i < contents.keys.size(); ++i) {
      const c10::IValue& key = contents.keys[i];
      if (key.tagKind() == index.constant.tagKind() && key == index.constant) return i;
    }
    return std::nullopt;
  }
  if (!index.constant.isInt()) return std::nullopt;
  const auto size = static_cast<int64_t>(contents.items.size());
  const int64_t at = index.constant.toInt();
  if (at < -size || at >= size) return std::nullopt;
  return static_cast<std::size_t>(at < 0 ? at + size : at);
}

void Interpreter::add_to(Contents& contents, const AbstractValue& item) {
  if (straight_ && contents.exact) {
    contents.items.push_back(item);
    return;
  }
  blur(contents, places_);
  AbstractValue all = join(join_all(contents, places_), item, places_);
  contents.items.assign(1, std::move(all));
}

void Interpreter::set_entry(Contents& dict, const AbstractValue& key, const AbstractValue& item,
                            bool exactly) {
  if (const auto at = position(dict, key); at && exactly) {
    dict.items[*at] = item;
    return;
  }
  if (exactly && dict.exact && key.kind == Kind::kConstant) {
    dict.keys.push_back(key.constant);
    dict.items.push_back(item);
    return;
  }
  blur(dict, places_);
  AbstractValue all = join(join_all(dict, places_), item, places_);
  dict.items.assign(1, std::move(all));
}

void Interpreter::replace_item(Contents& contents, const AbstractValue& index,
                               const AbstractValue& item) {
  if (contents.is_dict) return set_entry(contents, index, item, straight_);
  if (const auto at = position(contents, index); at && straight_) {
    contents.items[*at] = item;
    return;
  }
  blur(contents, places_);
  add_to(contents, item);
}

/// Operators that change a list or dict.
bool Interpreter::run_mutation(Node& node, std::string_view name, const AbstractValue& container) {
  Contents& contents = *container.contents;
  if (name == "append") {
    add_to(contents, get(node.input(1)));
  } else if (name == "insert") {
    blur(contents, places_);
    add_to(contents, get(node.input(2)));
  } else if (name == "extend" || name == "update") {
    const AbstractValue more = get(node.input(1));
    if (more.contents) {
      const Contents added = *more.contents;
      if (!added.exact || contents.is_dict) blur(contents, places_);
      for (const AbstractValue& item : added.items) add_to(contents, item);
    }
  } else if (name == "_set_item") {
    replace_item(contents, get(node.input(1)), get(node.input(2)));
  } else if (name == "setdefault") {
    blur(contents, places_);
    set_entry(contents, AbstractValue::unknown(), get(node.input(2)), false);
    set(node.output(), element(container, AbstractValue::unknown(), node.output()));
    return true;
  } else if (name == "pop" || name == "popitem") {
    blur(contents, places_);
    set(node.output(), element(container, AbstractValue::unknown(), node.output()));
    return true;
  } else if (name == "clear" || name == "reverse" || name == "Delete") {
    blur(contents, places_);
  } else {
    return false;
  }
  for (const Value* output : node.outputs()) set(output, container);
  return true;
}

bool Interpreter::run_container(Node& node) {
  if (!node.kind().is_aten() || node.inputs().empty()) return false;
  const AbstractValue container = get(node.input(0));
  if (container.kind != Kind::kList && container.kind != Kind::kTuple) return false;
  const std::string_view name = node.kind().toUnqualString();
  return run_mutation(node, name, container) || run_query(node, name, container) ||
         run_copy(node, name, container);
}

/// Operators that read a list or dict.
bool Interpreter::run_query(Node& node, std::string_view name, const AbstractValue& container) {
  const Contents& contents = *container.contents;
  if (name == "__getitem__") {
    set(node.output(), element(container, get(node.input(1)), node.output()));
  } else if (name == "get") {
    const AbstractValue fallback =
        node.inputs().size() > 2 ? get(node.input(2)) : AbstractValue::of({});
    const AbstractValue held = element(container, get(node.input(1)), node.output());
    const bool known = position(contents, get(node.input(1))).has_value();
    set(node.output(), known ? held : join(held, fallback, places_));
  } else if (name == "len") {
    const auto size = static_cast<int64_t>(contents.items.size());
    set(node.output(), contents.exact ? AbstractValue::of(size) : AbstractValue::unknown());
  } else {
    return false;
  }
  return true;
}

/// Operators that make a list or dict of another.
bool Interpreter::run_copy(Node& node, std::string_view name, const AbstractValue& container) {
  const Contents& contents = *container.contents;
  if (name == "values" || name == "slice" || name == "mul") {
    set(node.output(), list_of_one(join_all(contents, places_)));
  } else if (name == "items") {
    set(node.output(),
        list_of_one(AbstractValue::tuple({AbstractValue::unknown(), join_all(contents, places_)})));
  } else if (name == "copy" || name == "list" || name == "dict") {
    set(node.output(), copy_of(container));
  } else if (name == "add" && get(node.input(1)).contents) {
    AbstractValue sum = copy_of(container);
    Contents& joined = *sum.contents;
    const Contents more = *get(node.input(1)).contents;
    if (!more.exact) blur(joined, places_);
    for (const AbstractValue& item : more.items) {
      joined.exact ? joined.items.push_back(item) : add_to(joined, item);
    }
    set(node.output(), std::move(sum));
  } else {
    return false;
  }
  return true;
}

}  // namespace crosstrace::detail
