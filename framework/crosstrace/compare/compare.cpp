// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <crosstrace/compare/compare.h>
#include <crosstrace/compare/detail/element.h>
#include <crosstrace/compare/detail/format.h>
#include <crosstrace/compare/detail/leaf.h>
#include <crosstrace/compare/detail/value.h>
#include <crosstrace/compare/detail/weigh.h>

#include <algorithm>

namespace crosstrace {
namespace {

using detail::Kind;

/// Descends into two values side by side and collects their leaves.
class Walk {
 public:
  explicit Walk(const CompareOptions& options) : options_(options) {}

  std::vector<LeafComparison> take_leaves() { return std::move(leaves_); }

  void visit(const c10::IValue& actual, const c10::IValue& expected, const std::string& path) {
    const Kind kind = detail::kind_of(expected);
    if (kind != detail::kind_of(actual)) return add_other_kind(actual, expected, path);
    switch (kind) {
      case Kind::kTensor:
        return detail::compare_tensors(actual.toTensor(), expected.toTensor(), path, options_,
                                       leaves_);
      case Kind::kTuple:
      case Kind::kList:
        return visit_sequence(actual, expected, path);
      case Kind::kDict:
      case Kind::kObject:
        return visit_named(actual, expected, path);
      case Kind::kNumbers:
        return visit_numbers(actual, expected, path);
      case Kind::kOpaque:
        return add(path, actual, Difference::kStructure,
                   detail::describe(actual) + " holds no values that can be compared");
      default:
        return visit_single(actual, expected, path, kind);
    }
  }

 private:
  void add(const std::string& path, const c10::IValue& actual, Difference difference,
           const std::string& what) {
    leaves_.push_back(detail::differing_leaf(path, detail::type_word(actual), difference, what));
  }

  // A number of another type is another dtype; an empty list has whatever element type its maker
  // gave it.
  void add_other_kind(const c10::IValue& actual, const c10::IValue& expected,
                      const std::string& path) {
    if (actual.isList() && expected.isList()) return visit_sequence(actual, expected, path);
    const bool numbers = actual.isScalar() && expected.isScalar();
    add(path, actual, numbers ? Difference::kDtype : Difference::kStructure,
        detail::describe(actual) + ", expected " + detail::describe(expected));
  }

  static bool has_fields(const std::vector<detail::Child>& children) {
    return !children.empty() && children.front().first.front() == '.';
  }

  void visit_sequence(const c10::IValue& actual, const c10::IValue& expected,
                      const std::string& path) {
    const auto a = elements_of(actual), e = elements_of(expected);
    if (a.size() != e.size()) {
      return add(path, actual, Difference::kStructure,
                 detail::describe(actual) + ", expected " + detail::describe(expected));
    }
    const bool both_named = has_fields(a) && has_fields(e);
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (both_named && a[i].first != e[i].first) {
        add(path, actual, Difference::kStructure,
            "field " + a[i].first + ", expected field " + e[i].first);
      } else {
        visit(a[i].second, e[i].second, path + (has_fields(a) ? a[i] : e[i]).first);
      }
    }
  }

  // Only when two lists differ in their element types are their numbers looked at one by one.
  static std::vector<detail::Child> elements_of(const c10::IValue& value) {
    if (detail::kind_of(value) != Kind::kNumbers) return detail::children_of(value);
    std::vector<detail::Child> children;
    for (const c10::IValue& element : value.toListRef()) {
      children.emplace_back("[" + std::to_string(children.size()) + "]", element);
    }
    return children;
  }

  // By key, whatever the order: first all that are expected, then what is there besides.
  void visit_named(const c10::IValue& actual, const c10::IValue& expected,
                   const std::string& path) {
    const auto a = detail::children_of(actual), e = detail::children_of(expected);
    const auto find = [](const auto& children, const std::string& name) {
      return std::find_if(children.begin(), children.end(),
                          [&](const auto& child) { return child.first == name; });
    };
    for (const auto& [name, value] : e) {
      const auto found = find(a, name);
      if (found != a.end())
        visit(found->second, value, path + name);
      else
        add(path + name, {}, Difference::kStructure, "missing");
    }
    for (const auto& [name, value] : a) {
      if (find(e, name) == e.end()) {
        add(path + name, value, Difference::kStructure, "not expected");
      }
    }
  }

  void visit_numbers(const c10::IValue& actual, const c10::IValue& expected,
                     const std::string& path) {
    const auto a = detail::numbers_tensor(actual), e = detail::numbers_tensor(expected);
    if (a.scalar_type() != e.scalar_type() || a.numel() != e.numel()) {
      return add(path, actual, a.numel() == e.numel() ? Difference::kDtype : Difference::kStructure,
                 detail::describe(actual) + ", expected " + detail::describe(expected));
    }
    LeafComparison leaf;
    leaf.path = path;
    leaf.dtype = detail::type_word(actual);
    leaf.shape = a.sizes().vec();
    leaf.total = a.numel();
    detail::compare_elements(
        leaf, a, e, tolerance(e.scalar_type()), [&] { return detail::describe(actual); }, options_);
    leaves_.push_back(std::move(leaf));
  }

  Tolerance tolerance(c10::ScalarType dtype) const {
    return options_.tolerance.value_or(Tolerance::of(dtype));
  }

  void visit_single(const c10::IValue& actual, const c10::IValue& expected, const std::string& path,
                    Kind kind) {
    LeafComparison leaf;
    leaf.path = path;
    leaf.dtype = detail::type_word(actual);
    leaf.total = kind == Kind::kNone ? 0 : 1;
    switch (kind) {
      case Kind::kInt:
        compare_number(leaf, actual.toInt(), expected.toInt(), at::kLong);
        break;
      case Kind::kFloat:
        compare_number(leaf, actual.toDouble(), expected.toDouble(), at::kDouble);
        break;
      case Kind::kComplex:
        compare_number(leaf, actual.toComplexDouble(), expected.toComplexDouble(),
                       at::kComplexDouble);
        break;
      case Kind::kBool:
        compare_number(leaf, actual.toBool(), expected.toBool(), at::kBool);
        break;
      case Kind::kString:
        compare_strings(leaf, actual.toStringRef(), expected.toStringRef());
        break;
      case Kind::kDevice:
        compare_devices(leaf, actual.toDevice(), expected.toDevice());
        break;
      case Kind::kEnum:
        compare_enums(leaf, *actual.toEnumHolder(), *expected.toEnumHolder());
        break;
      default:
        break;
    }
    leaves_.push_back(std::move(leaf));
  }

  template <class T>
  void compare_number(LeafComparison& leaf, T actual, T expected, c10::ScalarType dtype) const {
    detail::set_number_difference(leaf, detail::examine(actual, expected, tolerance(dtype)),
                                  detail::format_element(actual, dtype),
                                  detail::format_element(expected, dtype));
    detail::weigh(leaf, at::scalar_tensor(actual, dtype), at::scalar_tensor(expected, dtype),
                  options_);
  }

  static void differ_in_value(LeafComparison& leaf, Difference difference,
                              const std::string& what) {
    leaf.mismatched = difference == Difference::kValues;
    detail::set_difference(leaf, difference, what);
  }

  // A long text is shown from the first character on that differs.
  static void compare_strings(LeafComparison& leaf, const std::string& actual,
                              const std::string& expected) {
    if (actual == expected) return;
    const auto ends = std::mismatch(actual.begin(), actual.end(), expected.begin(), expected.end());
    const auto position = static_cast<std::size_t>(ends.first - actual.begin());
    const auto start = position < 20 ? 0 : position;
    const auto from = start > 0 ? " from character " + std::to_string(start) + " on" : "";
    differ_in_value(leaf, Difference::kValues,
                    "str " + detail::quoted(actual.substr(start)) + ", expected " +
                        detail::quoted(expected.substr(start)) + from);
  }

  void compare_devices(LeafComparison& leaf, c10::Device actual, c10::Device expected) const {
    const bool stands_for_run_device = options_.device && expected.is_cpu();
    const auto wanted = stands_for_run_device ? *options_.device : expected;
    if (detail::is_on(actual, wanted)) return;
    differ_in_value(leaf, Difference::kDevice,
                    "Device " + actual.str() + ", expected " + wanted.str());
  }

  static void compare_enums(LeafComparison& leaf, const c10::ivalue::EnumHolder& actual,
                            const c10::ivalue::EnumHolder& expected) {
    if (actual.name() == expected.name()) return;
    differ_in_value(leaf, Difference::kValues,
                    "enum " + actual.name() + ", expected " + expected.name());
  }

  const CompareOptions& options_;
  std::vector<LeafComparison> leaves_;
};

}  // namespace

Comparison compare(const c10::IValue& actual, const c10::IValue& expected,
                   const CompareOptions& options) {
  const c10::NoGradGuard no_grad;
  Walk walk(options);
  walk.visit(actual, expected, options.name);
  return {walk.take_leaves()};
}

}  // namespace crosstrace
