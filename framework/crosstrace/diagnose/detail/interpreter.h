// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Runs a method on what is known instead of on values.
///
/// A block is run node by node; a branch that constants decide alone, others both, and what they
/// give is joined; a loop until nothing changes, three times at most. Time is in proportion to the
/// number of nodes.
#pragma once

#include <crosstrace/diagnose/detail/fact.h>
#include <crosstrace/diagnose/detail/liveness.h>
#include <crosstrace/diagnose/detail/meeting.h>
#include <crosstrace/diagnose/detail/operator_info.h>
#include <crosstrace/diagnose/flow.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace crosstrace::detail {

class Interpreter {
 public:
  Interpreter(const Program& program, const Method& method, const Scenario& scenario);

  /// Calls the method, and again if it changed attributes: a call finds what the one before it
  /// left.
  std::vector<Conflict> run();

 private:
  using Node = torch::jit::Node;
  using Value = torch::jit::Value;
  using Block = torch::jit::Block;
  using State = std::map<std::pair<const void*, std::string>, Fact>;
  using Arguments = std::vector<const Fact*>;

  // interpreter.cpp: calls, blocks, branches, loops.
  void call();
  void bind_inputs();
  Fact input_fact(Value& value, const c10::Type& type);
  bool run_block(Block& block);  ///< False if it raises, as all of these.
  bool run_node(Node& node);
  bool run_if(Node& node);
  bool run_both(Node& node, std::vector<Fact>& results);
  bool run_branch(Block& block, bool certain, std::vector<Fact>& results);
  using Assumed = std::pair<const Value*, Fact>;  ///< A value, and what was known of it.
  Assumed assume_extent(const Value* condition, bool holds);
  void restore(Assumed assumed);
  void refuse_device(Node& branch);
  struct LoopState {
    std::vector<Fact> carried;         ///< From pass to pass.
    std::vector<Fact> left;            ///< What the loop gives, as far as it was run.
    std::optional<int64_t> condition;  ///< Whether it goes on, if known.
    bool settled = false;              ///< Another pass would find the same.
  };
  void run_loop(Node& node);
  bool run_pass(Block& body, LoopState& loop);
  void leave_after(LoopState& loop, bool goes_on);
  void check_outputs();
  void join_state(const State& other);
  const Fact& get(const Value* value);
  void set(const Value* value, Fact fact);
  std::vector<Fact> results_of(Block& block);

  // structure.cpp: constants, attributes, tuples.
  bool run_structure(Node& node);
  void run_constant(Node& node);
  void run_get_attribute(Node& node);
  void run_set_attribute(Node& node);
  void run_unpack(Node& node);
  void run_index(Node& node);
  Fact element(const Fact& container, const Fact& index, Value* result);
  Fact attribute_fact(const void* object, const std::string& name, Value* anchor);
  Fact fact_of(const c10::IValue& value, const Origin& origin, bool moves, Value* anchor);
  Fact container_fact(const c10::IValue& value, const Origin& origin, bool moves);
  Fact tensor_fact(const at::Tensor& tensor, const Origin& origin, bool moves, Value* anchor);
  c10::Device device_of(const at::Tensor& tensor) const;
  std::string path_of(const void* object, const std::string& name) const;

  // containers.cpp: lists and dicts.
  bool run_container(Node& node);
  bool run_query(Node& node, std::string_view name, const Fact& container);
  bool run_copy(Node& node, std::string_view name, const Fact& container);
  bool run_mutation(Node& node, std::string_view name, const Fact& container);
  void add_to(Contents& contents, const Fact& item);
  void replace_item(Contents& contents, const Fact& index, const Fact& item);
  void set_entry(Contents& dict, const Fact& key, const Fact& item, bool exactly);
  static std::optional<std::size_t> position(const Contents& contents, const Fact& index);

  // evaluation.cpp: numbers, strings, devices, None.
  bool evaluate(Node& node);
  bool evaluate_about_tensor(Node& node);
  bool evaluate_about_extent(Node& node);
  bool evaluate_identity(Node& node);
  bool evaluate_by_running(Node& node);
  Fact result_fact(c10::IValue value, const Place* source);

  // operators.cpp: where the results of an operator are, and whether it takes its arguments.
  void run_operator(Node& node);
  void run_unknown(Node& node);
  const Place* with_extent(const Place* place, Extent extent);
  Fact result_of(const c10::Type& type, const PlaceSet& places, int rank);
  PlaceSet place_results(Node& node, const OperatorInfo& info, const Arguments& arguments);
  PlaceSet at_device(Node& node, const Fact& device);
  const Place* literal(Node& node, c10::Device device);
  PlaceSet meet(Node& node, const OperatorInfo& info, const Arguments& arguments);
  const Place* on_run_device(const PlaceSet& involved);
  void check_host_argument(Node& node, const Fact& argument);
  void report(Node* node, const PlaceSet& involved, bool certain, Verdict verdict);
  void add_conflict(Conflict conflict);

  const Program& program_;
  const Method& method_;
  const Scenario& scenario_;
  c10::Device run_device_;
  Liveness liveness_;
  Places places_;
  const Place* input_place_;  ///< Of tensors inside inputs.
  std::map<std::pair<const Place*, Extent>, const Place*> with_extent_;
  OperatorInfos infos_;
  Meeting::Verdicts verdicts_;
  std::unordered_map<const Value*, Fact> facts_;
  State state_;                             ///< Attributes that were assigned, and containers.
  std::unordered_set<const void*> locals_;  ///< Objects that the method makes.
  std::unordered_map<const void*, std::string> module_paths_;       ///< With `.`, by object.
  std::unordered_map<const void*, std::string> object_attributes_;  ///< Paths of plain objects.
  std::unordered_map<const void*, std::unordered_map<std::string, std::size_t>> slots_;
  bool certain_ = true;   ///< No branch that may not be taken is around.
  bool straight_ = true;  ///< No branch or loop is around: what happens, happens once.
  bool changed_attributes_ = false;
  Value* first_tensor_input_ = nullptr;
  std::vector<Conflict> conflicts_;
  std::unordered_map<const Node*, std::vector<std::size_t>> conflict_of_;
};

}  // namespace crosstrace::detail
