// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/jit_type.h>
#include <crosstrace/base/tensors_in.h>
#include <crosstrace/models/detail/pickled_file.h>
#include <crosstrace/models/detail/spec_dtypes.h>
#include <crosstrace/models/detail/spec_reader.h>
#include <crosstrace/models/spec.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace crosstrace {
namespace {

using c10::ScalarType;
using Kind = InputSpec::Kind;

constexpr int kDeepest = 100;

bool holds_empty_container(const InputSpec& spec) {
  const bool is_container = spec.kind == Kind::kList || spec.kind == Kind::kDict;
  return (is_container && spec.elements.empty()) ||
         std::any_of(spec.elements.begin(), spec.elements.end(), holds_empty_container);
}

bool holds_tensor(const InputSpec& spec) {
  bool found = spec.kind == Kind::kTensor;
  visit_tensors(spec.value, [&](const at::Tensor&) { found = true; });
  return found || std::any_of(spec.elements.begin(), spec.elements.end(), holds_tensor);
}

/// Recursive descent; each function reads what it is named for.
class SpecParser {
 public:
  explicit SpecParser(std::string_view text) : reader_(text) {}

  InputSpec parse() {
    auto spec = parse_any();
    reader_.expect_end();
    return spec;
  }

 private:
  InputSpec parse_any() {
    const auto start = reader_.position();
    if (++depth_ > kDeepest) reader_.fail(start, "nested more than 100 deep");
    auto spec = parse_one(start);
    --depth_;
    return spec;
  }

  InputSpec parse_one(std::size_t start) {
    const char first = reader_.peek();
    if (first == '"') return value_spec(reader_.take_text());
    if (first == '@') return parse_file();
    if (first == '-' || first == '.' || (first >= '0' && first <= '9')) return parse_number();
    const auto word = reader_.take_word();
    if (word == "true" || word == "false") return value_spec(word == "true");
    if (word == "none") return value_spec(c10::IValue());
    if (word == "list") return parse_list(start);
    if (word == "tuple") return parse_tuple();
    if (word == "dict") return parse_dict(start);
    if (word == "cpu") return parse_stay(start);
    if (const auto dtype = detail::dtype_named(word)) return parse_tensor(*dtype, word);
    fail_unknown(start, word);
  }

  [[noreturn]] void fail_unknown(std::size_t start, const std::string& word) const {
    reader_.fail(start,
                 (word.empty() ? "" : "unknown word '" + word + "'; ") +
                     "expected a number, \"text\", true, false, none, list(...), tuple(...), "
                     "dict(...), cpu(...), @file or a tensor such as float32[1,3] of one of " +
                     detail::dtype_names());
  }

  static InputSpec value_spec(c10::IValue value) {
    InputSpec spec;
    spec.type = detail::declared_type(value);
    spec.value = std::move(value);
    return spec;
  }

  InputSpec parse_number() {
    return std::visit([](auto number) { return value_spec(number); }, reader_.take_number());
  }

  InputSpec parse_file() {
    reader_.take("@");
    return value_spec(detail::load_pickled(reader_.take_path()));
  }

  InputSpec parse_tensor(ScalarType dtype, const std::string& name) {
    InputSpec spec;
    spec.kind = Kind::kTensor;
    spec.type = c10::TensorType::get();
    spec.dtype = dtype;
    spec.shape = parse_shape(dtype);
    const bool is_integral = c10::isIntegralType(dtype, /*includeBool=*/false);
    const auto start = reader_.position();
    if (!reader_.take_if("=")) {
      if (is_integral) spec.range = std::pair<std::int64_t, std::int64_t>(0, 9);
    } else if (is_integral) {
      spec.range = parse_integer_range(dtype, name);
    } else if (c10::isFloatingType(dtype)) {
      spec.range = parse_float_range();
    } else {
      reader_.fail(start, name + " takes no range");
    }
    return spec;
  }

  std::vector<std::int64_t> parse_shape(ScalarType dtype) {
    std::vector<std::int64_t> shape;
    reader_.take("[");
    if (reader_.take_if("]")) return shape;
    auto bytes = static_cast<std::int64_t>(c10::elementSize(dtype));
    do {
      const auto start = reader_.position();
      shape.push_back(reader_.take_integer());
      if (shape.back() < 0) reader_.fail(start, "a size cannot be negative");
      if (shape.back() > 0 && __builtin_mul_overflow(bytes, shape.back(), &bytes)) {
        reader_.fail(start, "the tensor is larger than memory can be");
      }
    } while (reader_.take_if(","));
    if (!reader_.take_if("]")) reader_.fail_here("expected ',' or ']'");
    return shape;
  }

  std::pair<std::int64_t, std::int64_t> parse_integer_range(ScalarType dtype,
                                                            const std::string& name) {
    const auto start = reader_.position();
    const auto low = reader_.take_integer();
    reader_.take("..");
    const auto high = reader_.take_integer();
    if (low > high) reader_.fail(start, "the range ends before it begins");
    const auto [least, greatest] = detail::limits_of(dtype);
    if (low < least || high > greatest) {
      reader_.fail(start, name + " holds " + std::to_string(least) + ".." +
                              std::to_string(greatest) + " only");
    }
    return {low, high};
  }

  double take_double() {
    return std::visit([](auto number) { return static_cast<double>(number); },
                      reader_.take_number());
  }

  std::pair<double, double> parse_float_range() {
    const auto start = reader_.position();
    const auto low = take_double();
    reader_.take("..");
    const auto high = take_double();
    if (low > high) reader_.fail(start, "the range ends before it begins");
    return {low, high};
  }

  // What stands between parentheses, separated by commas.
  template <class ParseElement>
  void parse_elements(ParseElement parse_element) {
    reader_.take("(");
    if (reader_.take_if(")")) return;
    do {
      parse_element();
    } while (reader_.take_if(","));
    if (!reader_.take_if(")")) reader_.fail_here("expected ',' or ')'");
  }

  static std::vector<c10::TypePtr> types_of(const InputSpec& spec) {
    std::vector<c10::TypePtr> types;
    for (const auto& element : spec.elements) types.push_back(element.type);
    return types;
  }

  /// An empty list or dict is of the type of its neighbours.
  static void type_empty_elements(InputSpec& spec) {
    const auto typed = std::find_if_not(spec.elements.begin(), spec.elements.end(),
                                        [](const auto& one) { return holds_empty_container(one); });
    if (typed == spec.elements.end()) return;
    const c10::TypePtr type = typed->type;
    for (InputSpec& element : spec.elements) take_type(element, type);
  }

  c10::TypePtr element_type(InputSpec& spec, std::size_t start, const char* container) const {
    type_empty_elements(spec);
    const auto types = types_of(spec);
    if (auto type = detail::common_type(types)) return type;
    std::string names;
    for (const auto& type : types) names += (names.empty() ? "" : ", ") + type->annotation_str();
    reader_.fail(start, std::string("a ") + container + " holds values of one type, not " + names);
  }

  InputSpec parse_list(std::size_t start) {
    InputSpec spec;
    spec.kind = Kind::kList;
    parse_elements([&] { spec.elements.push_back(parse_any()); });
    spec.type = c10::ListType::create(element_type(spec, start, "list"));
    return spec;
  }

  InputSpec parse_tuple() {
    InputSpec spec;
    spec.kind = Kind::kTuple;
    parse_elements([&] { spec.elements.push_back(parse_any()); });
    spec.type = c10::TupleType::create(types_of(spec));
    return spec;
  }

  InputSpec parse_dict(std::size_t start) {
    InputSpec spec;
    spec.kind = Kind::kDict;
    parse_elements([&] {
      const auto at = reader_.position();
      spec.keys.push_back(parse_key());
      if (!(*spec.keys.back().type() == *spec.keys.front().type())) {
        reader_.fail(at, "the keys of a dict are of one type");
      }
      const auto earlier = std::find(spec.keys.begin(), spec.keys.end() - 1, spec.keys.back());
      if (earlier != spec.keys.end() - 1) reader_.fail(at, "the key is there twice");
      reader_.take(":");
      spec.elements.push_back(parse_any());
    });
    const c10::TypePtr key_type =
        spec.keys.empty() ? c10::TypePtr(c10::StringType::get()) : spec.keys.front().type();
    spec.type = c10::DictType::create(key_type, element_type(spec, start, "dict"));
    return spec;
  }

  c10::IValue parse_key() {
    if (reader_.next_is("\"")) return reader_.take_text();
    for (const bool value : {true, false}) {
      if (reader_.take_if(value ? "true" : "false")) return value;
    }
    const char first = reader_.peek();
    const bool is_number = first == '-' || first == '.' || (first >= '0' && first <= '9');
    if (!is_number) reader_.fail_here("expected a key: a \"text\", a number, true or false");
    return std::visit([](auto number) { return c10::IValue(number); }, reader_.take_number());
  }

  InputSpec parse_stay(std::size_t start) {
    reader_.take("(");
    InputSpec spec = parse_any();
    reader_.take(")");
    if (!holds_tensor(spec))
      reader_.fail(start, "cpu(...) is for tensors, and there is none in it");
    spec.stays_on_cpu = true;
    return spec;
  }

  detail::SpecReader reader_;
  int depth_ = 0;
};

}  // namespace

InputSpec parse_spec(std::string_view text) { return SpecParser(text).parse(); }

}  // namespace crosstrace
