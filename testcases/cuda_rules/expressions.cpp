// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <cuda_rules/expressions.h>
#include <torch/jit.h>

#include <algorithm>
#include <map>
#include <regex>

namespace crosstrace::cuda_rules {
namespace {

constexpr size_t kTransposed = 4;

std::vector<at::Tensor> make_values() {
  at::manual_seed(7);
  const auto uniform = [](c10::IntArrayRef size) { return at::rand(size) * 0.8 + 0.1; };
  const at::Tensor a = uniform({3, 4});
  const at::Tensor root = uniform({4, 4});
  const at::Tensor square = root.mm(root.t()) + at::eye(4);
  const at::Tensor transposed = uniform({3, 4});
  return {a,
          uniform({3, 4}),
          uniform({4}),
          square,
          transposed,
          at::randint(1, 9, {3, 4}, at::kLong),
          at::randint(1, 9, {3, 4}, at::kLong),
          at::tensor({2, 0, 1}, at::kLong),
          at::rand({3, 4}) > 0.5,
          at::complex(uniform({3, 4}), uniform({3, 4})),
          at::scalar_tensor(1.5f),
          at::empty({0, 4}),
          uniform({2, 3, 8}),
          uniform({2, 3, 8, 8}),
          uniform({1, 2, 4, 4, 4})};
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

/// TorchScript without Python knows dtypes and memory formats by number only.
const std::map<std::string, int>& named_numbers() {
  static const auto* numbers = [] {
    auto* map = new std::map<std::string, int>{
        {"torch.channels_last", static_cast<int>(c10::MemoryFormat::ChannelsLast)}};
    for (const auto& [name, dtype] : c10::getStringToDtypeMap()) {
      map->emplace("torch." + name, static_cast<int>(dtype));
    }
    return map;
  }();
  return *numbers;
}

/// Replaces `torch.float16` by its number, wherever it stands as a value and not as a call.
std::string with_numbers(std::string text) {
  static const std::regex word(R"(torch\.[a-z][a-z0-9_]*(?![a-z0-9_(]))");
  std::string result;
  std::smatch match;
  while (std::regex_search(text, match, word)) {
    const auto found = named_numbers().find(match.str());
    result += match.prefix();
    result += found == named_numbers().end() ? match.str() : std::to_string(found->second);
    text = match.suffix();
  }
  return result + text;
}

}  // namespace

const std::vector<std::string>& argument_names() {
  static const auto* names = new std::vector<std::string>{"a", "b", "v", "s", "t",  "n",  "k", "i",
                                                          "m", "c", "z", "e", "x1", "x2", "x3"};
  return *names;
}

const at::Tensor& argument_value(size_t argument) {
  static const auto* values = new std::vector<at::Tensor>(make_values());
  return values->at(argument);
}

at::Tensor place_argument(size_t argument, const at::Tensor& value, c10::Device device) {
  const at::Tensor placed = value.to(device, value.scalar_type(), false, /*copy=*/true);
  return argument == kTransposed && placed.dim() == 2 ? placed.t() : placed;
}

std::vector<Place> find_places(const std::string& expression) {
  std::vector<Place> places;
  const auto& names = argument_names();
  for (size_t at = 0; at < expression.size();) {
    if (expression[at] == '\'') {
      at = expression.find('\'', at + 1) + 1;
      continue;
    }
    if (!is_word(expression[at])) {
      ++at;
      continue;
    }
    const size_t begin = at;
    while (at < expression.size() && is_word(expression[at])) ++at;
    const bool attribute = begin > 0 && expression[begin - 1] == '.';
    const bool keyword =
        at < expression.size() && expression[at] == '=' && expression.compare(at, 2, "==") != 0;
    const auto name = std::find(names.begin(), names.end(), expression.substr(begin, at - begin));
    if (attribute || keyword || name == names.end()) continue;
    places.push_back({static_cast<size_t>(name - names.begin()), begin, at});
  }
  return places;
}

std::string body_of(const std::string& expression) {
  static const std::regex writes_list(R"re(^(torch\._(?:amp_)?foreach_\w*_)\((\[[^\]]*\])(.*)$)re");
  std::smatch match;
  if (!std::regex_match(expression, match, writes_list)) return "    return " + expression;
  return "    l = " + match.str(2) + "\n    " + match.str(1) + "(l" + match.str(3) +
         "\n    return l";
}

std::string body_with_dtype(std::string expression, const std::string& dtype) {
  std::replace(expression.begin(), expression.end(), '%', 'd');
  return "    d = (a * 4).to(torch." + dtype + ")\n    return " + expression;
}

std::shared_ptr<torch::jit::CompilationUnit> compile(const std::string& body,
                                                     const std::vector<std::string>& names) {
  std::string signature;
  for (const std::string& name : names) {
    signature += (signature.empty() ? "" : ", ") + name + ": Tensor";
  }
  return torch::jit::compile("def f(" + signature + "):\n" + with_numbers(body) + "\n");
}

const std::vector<std::string>& dtype_expressions() {
  static const auto* expressions =
      new std::vector<std::string>{"% + %",
                                   "% * 2",
                                   "% - %",
                                   "% / %",
                                   "torch.neg(%)",
                                   "torch.abs(%)",
                                   "% == %",
                                   "torch.sum(%)",
                                   "torch.cumsum(%, 0)",
                                   "torch.sort(%)",
                                   "torch.cat([%, %])",
                                   "torch.where(m, %, %)",
                                   "%.clone()",
                                   "%.t()",
                                   "%[i]",
                                   "torch.masked_select(%, m)",
                                   "torch.index_select(%, 0, i)",
                                   "%.fill_(1)",
                                   "%.zero_()",
                                   "torch.matmul(%, %.t())",
                                   "torch.exp(%)",
                                   "torch.mean(%)",
                                   "torch.max(%)",
                                   "%.add_(%)",
                                   "torch.softmax(%, 1)",
                                   "torch.nonzero(%)",
                                   "%.to(torch.float32)",
                                   "torch.flip(%, [0])",
                                   "torch.topk(%, 1)",
                                   "torch.tril(%)",
                                   "%.item() if %.numel() == 1 else %[0, 0].item()"};
  return *expressions;
}

const std::vector<std::string>& dtype_names() {
  static const auto* names = new std::vector<std::string>{
      "uint8",    "int8",    "int16",   "int32",     "int64",      "bool",          "float16",
      "bfloat16", "float32", "float64", "complex64", "complex128", "float8_e4m3fn", "float8_e5m2"};
  return *names;
}

}  // namespace crosstrace::cuda_rules
