// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/Tensor.h>
#include <crosstrace/base/one_line.h>
#include <crosstrace/compare/compare.h>
#include <crosstrace/graph/source.h>
#include <crosstrace/observe/detail/graph_prefix.h>
#include <crosstrace/observe/first_difference.h>

#include <algorithm>
#include <iomanip>
#include <iterator>
#include <set>
#include <sstream>
#include <vector>

namespace crosstrace {
namespace {

using detail::GraphPrefix;
using detail::ValuePlace;
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

/// Watches how long the search may go on.
class Patience {
 public:
  using Clock = std::chrono::steady_clock;
  struct Ended {};  ///< Thrown where it ends.

  explicit Patience(std::optional<Clock::duration> limit) : limit_(limit) {}

  /// Runs a call of both sides, if it is likely to end in time.
  template <class Call>
  auto spend(const Call& call) {
    const Clock::time_point before = Clock::now();
    if (limit_ && before - start_ + last_ > *limit_) throw Ended{};
    const auto result = call();
    last_ = Clock::now() - before;
    return result;
  }

  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

 private:
  std::optional<Clock::duration> limit_;
  Clock::time_point start_ = Clock::now();
  Clock::duration last_{};
};

class Search {
 public:
  Search(GraphPrefix* reference, GraphPrefix& run, const DifferenceOptions& options,
         Patience& patience)
      : reference_(reference), run_(run), options_(options), patience_(patience) {}

  /// What is wrong with an answer of the run side; empty if it is right.
  std::string wrong(const c10::IValue& actual, const c10::IValue& expected) const {
    CompareOptions compare_options;
    compare_options.tolerance = options_.tolerance;
    const Comparison comparison = compare(actual, expected, compare_options);
    return comparison.matches() ? "" : first_line(comparison.message());
  }

  std::string wrong_device(const c10::IValue& actual) const {
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

  bool looks_for_devices() const {
    return options_.search == DifferenceOptions::Search::kWrongDevice;
  }

  void count_zero_dims() { zero_dims_count_ = true; }

  /// From the output of forward, which is wrong, to the node that made it so.
  FirstDifference find() {
    ValuePlace place = run_.place_of(run_.graph().outputs()[0]);
    int last = static_cast<int>(run_.nodes().size()) - 1;
    try {
      return narrow_down(place, last);
    } catch (const Patience::Ended&) {
      return stopped_at(place, last);
    }
  }

 private:
  FirstDifference narrow_down(ValuePlace& place, int& last) {
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

  /// What is wrong at each of the places, up to the first that is; one call of either side.
  std::vector<std::string> wrong_at(const std::vector<ValuePlace>& places, int last) const {
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

  std::string wrong_at(ValuePlace place, int last) const {
    return wrong_at(std::vector{place}, last).front();
  }

  bool is_wrong(ValuePlace place, int last) const { return !wrong_at(place, last).empty(); }

  std::optional<ValuePlace> first_wrong_of(const std::vector<ValuePlace>& places, int last) const {
    if (places.empty()) return std::nullopt;
    const std::vector<std::string> all = wrong_at(places, last);
    if (all.back().empty()) return std::nullopt;
    return places.at(all.size() - 1);
  }

  /// Bisects over the operators from which the value comes, in the order of execution. A wrong one
  /// takes the value's place.
  void narrow(ValuePlace& place, int& last) const {
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

  /// What reads a weight or puts values together is looked at as an operand of operators: half of all
  /// nodes are such, and right, and tell nothing about the others.
  bool can_be_wrong(int node) const {
    const auto kind = run_.nodes()[node]->kind();
    if (kind == c10::prim::GetAttr || kind == c10::prim::ListConstruct) return false;
    const auto outputs = run_.nodes()[node]->outputs();
    return std::any_of(outputs.begin(), outputs.end(), can_differ);
  }

  /// Nodes before that of `place` from whose outputs it is made, ascending.
  std::vector<int> sources_of(ValuePlace place) const {
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

  std::optional<ValuePlace> first_wrong_output(int node) const {
    const auto outputs = run_.nodes()[node]->outputs();
    std::vector<ValuePlace> places;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (can_differ(outputs[i])) places.push_back({node, static_cast<int>(i)});
    }
    return first_wrong_of(places, node);
  }

  /// The node after which the value is wrong: its own, or one that wrote into it.
  int first_wrong(ValuePlace place, int last) const {
    if (is_wrong(place, place.node)) return place.node;
    int right = place.node;
    while (last - right > 1) {
      const int middle = (right + last) / 2;
      (is_wrong(place, middle) ? last : right) = middle;
    }
    return last;
  }

  std::optional<ValuePlace> wrong_input(int node) const {
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

  /// Into the branch that is taken on both sides, or else their conditions would differ.
  bool step_into(ValuePlace& place, int& last) {
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

  FirstDifference at(FirstDifference::Kind kind, int last) const {
    const Node* node = run_.nodes()[last];
    FirstDifference found;
    found.kind = kind;
    found.operator_name = node->kind().toQualString();
    found.source = source_of(*node).line;
    found.message = label(*node) + (found.source ? " (" + found.source->str() + ")" : "");
    return found;
  }

  std::string first_wrong_words() const {
    return looks_for_devices() ? "first on the wrong device at " : "first differs at ";
  }

  FirstDifference blame(ValuePlace place, int last) const {
    FirstDifference found = at(FirstDifference::Kind::kNode, last);
    found.message = first_wrong_words() + found.message + ", " + wrong_at(place, last);
    return found;
  }

  /// With what is known by then: the value is wrong after its node, or after one that wrote into it.
  FirstDifference stopped_at(ValuePlace place, int last) const {
    FirstDifference found = at(FirstDifference::Kind::kStopped, std::max(place.node, last));
    std::ostringstream seconds;
    seconds << std::setprecision(2) << patience_.seconds();
    found.message = first_wrong_words() + found.message +
                    " or before it; the search stopped after " + seconds.str() +
                    " s, --blame full goes on";
    return found;
  }

  GraphPrefix* reference_;  // Null for a search for devices.
  GraphPrefix& run_;
  const DifferenceOptions& options_;
  Patience& patience_;
  bool zero_dims_count_ = false;
};

FirstDifference not_reproduced(const GraphPrefix& run) {
  FirstDifference blame;
  if (run.has_state()) {
    blame.kind = FirstDifference::Kind::kState;
    blame.message = "the first call is right; forward writes into its module, so later ones differ";
    return blame;
  }
  blame.kind = FirstDifference::Kind::kOptimiser;
  blame.message =
      "not reproduced by TorchScript's plain interpreter: its optimiser or a fuser did it";
  return blame;
}

FirstDifference by_export() {
  FirstDifference blame;
  blame.kind = FirstDifference::Kind::kExport;
  blame.message =
      "the export answers alike on cpu, so it is the export that differs from the model, and not "
      "the device; compare its traces of other devices and input sizes";
  return blame;
}

FirstDifference find_wrong_device(const DifferenceSide& run, const DifferenceOptions& options) {
  Patience patience(options.limit);
  GraphPrefix probe(run, options.seed);
  Search search(nullptr, probe, options, patience);
  const c10::IValue actual = probe.run_all();
  if (search.wrong_device(actual).empty()) search.count_zero_dims();
  if (search.wrong_device(actual).empty()) return not_reproduced(probe);
  return search.find();
}

FirstDifference find_difference(const DifferenceSide& reference, const DifferenceSide& run,
                                const DifferenceOptions& options) {
  Patience patience(options.limit);
  GraphPrefix run_probe(run, options.seed);
  GraphPrefix reference_probe(reference, options.seed);
  if (run_probe.nodes().size() != reference_probe.nodes().size()) return {};
  Search search(&reference_probe, run_probe, options, patience);
  const c10::IValue actual = run_probe.run_all();
  if (!search.wrong(actual, reference_probe.run_all()).empty()) return search.find();
  if (!options.expected) return not_reproduced(run_probe);
  const bool matches = search.wrong(actual, *options.expected).empty();
  return matches ? not_reproduced(run_probe) : by_export();
}

}  // namespace

FirstDifference find_first_difference(const DifferenceSide& reference, const DifferenceSide& run,
                                      const DifferenceOptions& options) {
  return options.search == DifferenceOptions::Search::kWrongDevice
             ? find_wrong_device(run, options)
             : find_difference(reference, run, options);
}

}  // namespace crosstrace
