// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <c10/util/StringUtil.h>
#include <crosstrace/diagnose/detail/trace_text.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/inliner.h>

#include <sstream>
#include <unordered_map>

namespace crosstrace::detail {
namespace {

using torch::jit::Node;
using torch::jit::Value;

/// Lists of literals are literals too.
std::optional<c10::IValue> literal(const Value& value) {
  if (auto constant = torch::jit::toIValue(&value)) return constant;
  const Node& node = *value.node();
  if (node.kind() != c10::prim::ListConstruct) return std::nullopt;
  std::vector<c10::IValue> items;
  for (const Value* input : node.inputs()) {
    auto item = torch::jit::toIValue(input);
    if (!item) return std::nullopt;
    items.push_back(std::move(*item));
  }
  return c10::ivalue::Tuple::create(std::move(items));
}

class Reader {
 public:
  explicit Reader(const torch::jit::Graph& graph) {
    for (const Value* input : graph.inputs()) number(*input);
    read(*graph.block());
  }

  std::vector<TraceLine> take() { return std::move(lines_); }

 private:
  std::string number(const Value& value) {
    const auto place = numbers_.try_emplace(&value, numbers_.size()).first;
    return "%" + std::to_string(place->second);
  }

  void read(const torch::jit::Block& block) {
    for (const Node* node : block.nodes()) {
      const bool is_literal =
          node->outputs().size() == 1 && literal(*node->output()) && node->blocks().empty();
      if (!is_literal) lines_.push_back(read(*node));
      for (const torch::jit::Block* inner : node->blocks()) read(*inner);
    }
  }

  TraceLine read(const Node& node) {
    TraceLine line;
    line.kind = node.kind().toQualString();
    if (node.kind() == c10::prim::GetAttr) line.kind += "." + node.s(c10::attr::name);
    std::vector<std::string> texts, operands, results;
    for (std::size_t i = 0; i < node.inputs().size(); ++i) {
      const Value& input = *node.inputs()[i];
      if (auto value = literal(input)) {
        texts.push_back(to_text(*value));
        line.literals.push_back({argument_name(node, i), std::move(*value)});
      } else {
        texts.push_back(number(input));
        operands.push_back(texts.back());
      }
    }
    for (const Value* output : node.outputs()) results.push_back(number(*output));
    const std::string results_text = c10::Join(", ", results);
    line.operands = "(" + c10::Join(", ", operands) + ")";
    line.text = (results.empty() ? "" : results_text + " = ") + line.kind + "(" +
                c10::Join(", ", texts) + ")";
    line.source = source_of(node);
    return line;
  }

  static std::string argument_name(const Node& node, std::size_t i) {
    const c10::FunctionSchema* schema = node.maybeSchema();
    const bool named = schema != nullptr && i < schema->arguments().size();
    return named ? schema->arguments()[i].name() : std::to_string(i);
  }

  std::unordered_map<const Value*, std::size_t> numbers_;
  std::vector<TraceLine> lines_;
};

std::string join(const std::vector<c10::IValue>& items) {
  std::vector<std::string> texts;
  for (const c10::IValue& item : items) texts.push_back(to_text(item));
  return "[" + c10::Join(", ", texts) + "]";
}

}  // namespace

std::string to_text(const c10::IValue& literal) {
  std::ostringstream text;
  if (literal.isTensor()) {
    const at::Tensor& tensor = literal.toTensor();
    if (!tensor.defined()) return "<no tensor>";
    text << "<" << c10::toString(tensor.scalar_type()) << " tensor " << tensor.sizes() << ">";
  } else if (literal.isDevice()) {
    text << literal.toDevice();
  } else if (literal.isTuple()) {
    return join(literal.toTupleRef().elements());
  } else if (literal.isList()) {
    return join(literal.toListRef().vec());
  } else {
    literal.repr(text, [](std::ostream&, const c10::IValue&) { return false; });
  }
  return text.str();
}

std::vector<TraceLine> read_trace(const torch::jit::Graph& graph) {
  const auto copy = const_cast<torch::jit::Graph&>(graph).copy();
  torch::jit::Inline(*copy);
  return Reader(*copy).take();
}

}  // namespace crosstrace::detail
