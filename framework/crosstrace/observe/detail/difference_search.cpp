// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/Tensor.h>
#include <crosstrace/base/one_line.h>
#include <crosstrace/compare/compare.h>
#include <crosstrace/graph/source.h>
#include <crosstrace/observe/detail/difference_search.h>

#include <algorithm>
#include <iomanip>
#include <iterator>
#include <set>
#include <sstream>

namespace crosstrace::detail {
namespace {

using torch::jit::Node;
using torch::jit::Value;

/// Modules, devices, functions and the like are another thing on each device, or none at all;
/// numbers in the graph are the same.
bool can_differ(const Value* value) {
  using c10::TypeKind;
  const bool is_constant = value->node()->kind() == c10::prim::Constant;
  if (is_constant && value->type()->kind() != TypeKind::TensorType) return false;
  const c10::TypePtr& type = value->type();
  switch (type->kind()) {
    case TypeKind::TensorType:
    case TypeKind::ListType:
    case TypeKind::TupleType:
    case TypeKind::DictType:
    case TypeKind::OptionalType:
    case TypeKind::IntType:
    case TypeKind::FloatType:
    case TypeKind::BoolType:
    case TypeKind::ComplexType:
    case TypeKind::NumberType:
      return true;
    default:
      return false;
  }
}

/// Inputs of the node, and what the blocks of a loop take from outside.
void add_inputs(const Node& node, std::vector<const Value*>& inputs) {
  for (const Value* input : node.inputs()) inputs.push_back(input);
  for (const torch::jit::Block* block : node.blocks()) {
    for (const Node* inner : block->nodes()) add_inputs(*inner, inputs);
    for (const Value* output : block->outputs()) inputs.push_back(output);
  }
}

std::string label(const Node& node) {
  const std::string name = node.kind().toQualString();
  return node.kind() == c10::prim::GetAttr ? name + " of " + node.s(c10::attr::name) : name;
}

}  // namespace

DifferenceSearch::DifferenceSearch(GraphPrefix* reference, GraphPrefix& run,
                                   const DifferenceOptions& options, Patience& patience)
    : reference_(reference), run_(run), options_(options), patience_(patience) {}

std::string DifferenceSearch::wrong(const c10::IValue& actual, const c10::IValue& expected) const {
  CompareOptions compare_options;
  compare_options.tolerance = options_.tolerance;
  const Comparison comparison = compare(actual, expected, compare_options);
  return comparison.matches() ? "" : first_line(comparison.message());
}

std::string DifferenceSearch::wrong_device(const c10::IValue& actual) const {
  std::string wrong;
  actual.visit([&](const c10::IValue& part) {
    if (!part.isTensor() || !part.toTensor().defined() || !wrong.empty()) return false;
    const at::Tensor& tensor = part.toTensor();
    if (tensor.dim() == 0 && !zero_dims_count_) return false;
    if (tensor.device().str() != options_.run_device) {
      wrong = "output is on " + tensor.device().str();
    }
    return false;
  });
  return wrong;
}

bool DifferenceSearch::looks_for_devices() const {
  return options_.search == DifferenceOptions::Search::kWrongDevice;
}

FirstDifference DifferenceSearch::find() {
  ValuePlace place = run_.place_of(run_.graph().outputs()[0]);
  int last = static_cast<int>(run_.nodes().size()) - 1;
  try {
    return narrow_down(place, last);
  } catch (const Patience::Ended&) {
    return stopped_at(place, last);
  }
}

FirstDifference DifferenceSearch::narrow_down(ValuePlace& place, int& last) {
  while (true) {
    narrow(place, last);
    last = first_wrong(place, last);
    if (last < 0) return {};  // An input of forward is wrong from the start.
    if (const auto input = wrong_input(last)) {
      place = *input;
      --last;
      continue;
    }
    if (!step_into(place, last)) return blame(place, last);
  }
}

std::vector<std::string> DifferenceSearch::wrong_at(const std::vector<ValuePlace>& places,
                                                    int last) const {
  return patience_.spend([&] {
    const std::vector<c10::IValue> actual = run_.run(places, last);
    std::vector<c10::IValue> expected;
    if (!looks_for_devices()) expected = reference_->run(places, last);
    std::vector<std::string> all;
    for (std::size_t i = 0; i < actual.size() && (all.empty() || all.back().empty()); ++i) {
      all.push_back(looks_for_devices() ? wrong_device(actual[i])
                                        : wrong(actual[i], expected.at(i)));
    }
    return all;
  });
}

std::string DifferenceSearch::wrong_at(ValuePlace place, int last) const {
  return wrong_at(std::vector{place}, last).front();
}

std::optional<ValuePlace> DifferenceSearch::first_wrong_of(const std::vector<ValuePlace>& places,
                                                           int last) const {
  if (places.empty()) return std::nullopt;
  const std::vector<std::string> all = wrong_at(places, last);
  if (all.back().empty()) return std::nullopt;
  return places.at(all.size() - 1);
}

void DifferenceSearch::narrow(ValuePlace& place, int& last) const {
  std::vector<int> sources = sources_of(place);
  std::size_t low = 0;
  std::size_t high = sources.size();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    const auto wrong_output = first_wrong_output(sources[middle]);
    if (!wrong_output) {
      low = middle + 1;
      continue;
    }
    place = *wrong_output;
    last = place.node;
    sources = sources_of(place);
    low = 0;
    high = sources.size();
  }
}

bool DifferenceSearch::can_be_wrong(int node) const {
  const auto kind = run_.nodes()[node]->kind();
  if (kind == c10::prim::GetAttr || kind == c10::prim::ListConstruct) return false;
  const auto outputs = run_.nodes()[node]->outputs();
  return std::any_of(outputs.begin(), outputs.end(), can_differ);
}

std::vector<int> DifferenceSearch::sources_of(ValuePlace place) const {
  std::set<int> found;
  std::vector<int> open{place.node};
  while (!open.empty()) {
    const int node = open.back();
    open.pop_back();
    if (node < 0) continue;
    std::vector<const Value*> inputs;
    add_inputs(*run_.nodes()[node], inputs);
    for (const Value* input : inputs) {
      const int source = run_.place_of(input).node;
      if (source >= 0 && source < node && found.insert(source).second) open.push_back(source);
    }
  }
  std::vector<int> sources;
  std::copy_if(found.begin(), found.end(), std::back_inserter(sources),
               [&](int node) { return can_be_wrong(node); });
  return sources;
}

std::optional<ValuePlace> DifferenceSearch::first_wrong_output(int node) const {
  const auto outputs = run_.nodes()[node]->outputs();
  std::vector<ValuePlace> places;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (can_differ(outputs[i])) places.push_back({node, static_cast<int>(i)});
  }
  return first_wrong_of(places, node);
}

int DifferenceSearch::first_wrong(ValuePlace place, int last) const {
  if (is_wrong(place, place.node)) return place.node;
  int right = place.node;
  while (last - right > 1) {
    const int middle = (right + last) / 2;
    (is_wrong(place, middle) ? last : right) = middle;
  }
  return last;
}

std::optional<ValuePlace> DifferenceSearch::wrong_input(int node) const {
  std::vector<const Value*> inputs;
  add_inputs(*run_.nodes()[node], inputs);
  std::set<const Value*> seen;
  std::vector<ValuePlace> places;
  for (const Value* input : inputs) {
    const ValuePlace place = run_.place_of(input);
    const bool outside = place.node >= 0 || input->node() == run_.graph().param_node();
    if (!outside || place.node >= node || !can_differ(input)) continue;
    if (seen.insert(input).second) places.push_back(place);
  }
  return first_wrong_of(places, node - 1);
}

bool DifferenceSearch::step_into(ValuePlace& place, int& last) {
  const Node* node = run_.nodes()[last];
  if (node->kind() != c10::prim::If) return false;
  const bool condition = run_.run({run_.place_of(node->input())}, last - 1).front().toBool();
  const Value* inside = place.node == last
                            ? node->blocks()[condition ? 0 : 1]->outputs()[place.index]
                            : run_.value_at(place);
  const int end = run_.take_branch(last, condition);
  if (reference_ != nullptr) reference_->take_branch(last, condition);
  place = run_.place_of(inside);
  last = end;
  return true;
}

FirstDifference DifferenceSearch::at(FirstDifference::Kind kind, int last) const {
  const Node* node = run_.nodes()[last];
  FirstDifference found;
  found.kind = kind;
  found.operator_name = node->kind().toQualString();
  found.source = source_of(*node).line;
  found.message = label(*node) + (found.source ? " (" + found.source->str() + ")" : "");
  return found;
}

std::string DifferenceSearch::first_wrong_words() const {
  return looks_for_devices() ? "first on the wrong device at " : "first differs at ";
}

FirstDifference DifferenceSearch::blame(ValuePlace place, int last) const {
  FirstDifference found = at(FirstDifference::Kind::kNode, last);
  found.message = first_wrong_words() + found.message + ", " + wrong_at(place, last);
  return found;
}

FirstDifference DifferenceSearch::stopped_at(ValuePlace place, int last) const {
  FirstDifference found = at(FirstDifference::Kind::kStopped, std::max(place.node, last));
  std::ostringstream seconds;
  seconds << std::setprecision(2) << patience_.seconds();
  found.message = first_wrong_words() + found.message + " or before it; the search stopped after " +
                  seconds.str() + " s, --blame full goes on";
  return found;
}

}  // namespace crosstrace::detail
