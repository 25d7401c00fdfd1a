// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Runs a method on what is known instead of on values.
///
/// A block is run node by node; a branch that constants decide alone, others both, and what they
/// give is joined; a loop until nothing changes, three times at most, and once inside three others.
/// Time is in proportion to the number of nodes.
#pragma once

#include <crosstrace/flow/conflict.h>
#include <crosstrace/flow/detail/abstract_value.h>
#include <crosstrace/flow/detail/operand_devices.h>
#include <crosstrace/graph/liveness.h>
#include <crosstrace/graph/program.h>
#include <crosstrace/operators/operator_info.h>

#include <functional>
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
  Interpreter(const Program& program, const InlinedMethod& method, const Scenario& scenario);

  /// Calls the method, and again if it changed attributes: a call finds what the one before it
  /// left.
  std::vector<Conflict> run();

 private:
  using Node = torch::jit::Node;
  using Value = torch::jit::Value;
  using Block = torch::jit::Block;
  using State = std::map<std::pair<const void*, std::string>, AbstractValue>;
  using Arguments = std::vector<const AbstractValue*>;

  // interpreter.cpp: calls, blocks, branches, loops.
  void call();
  void bind_inputs();
  AbstractValue input_fact(Value& value, const c10::Type& type);
  bool run_block(Block& block);  ///< False if it raises, as all of these.
  bool run_node(Node& node);
  bool run_if(Node& node);
  bool run_both(Node& node, std::vector<AbstractValue>& results);
  bool run_branch(Block& block, bool certain, std::vector<AbstractValue>& results);
  using Assumed = std::pair<const Value*, AbstractValue>;  ///< A value, and what was known of it.
  Assumed assume_extent(const Value* condition, bool holds);
  void restore(Assumed assumed);
  void refuse_device(Node& branch);
  struct LoopState {
    std::vector<AbstractValue> carried;  ///< From pass to pass.
    std::vector<AbstractValue> left;     ///< What the loop gives, as far as it was run.
    std::optional<int64_t> condition;    ///< Whether it goes on, if known.
    bool settled = false;                ///< Another pass would find the same.
  };
  void run_loop(Node& node);
  bool run_fork(Node& node);
  bool run_pass(Block& body, LoopState& loop);
  void leave_after(LoopState& loop, bool goes_on);
  void check_outputs();
  void join_state(const State& other);
  const AbstractValue& get(const Value* value);
  void set(const Value* value, AbstractValue fact);
  std::vector<AbstractValue> results_of(Block& block);

  // interpret_attributes.cpp: constants, attributes, tuples.
  bool run_structure(Node& node);
  void run_constant(Node& node);
  void run_get_attribute(Node& node);
  void run_set_attribute(Node& node);
  void run_unpack(Node& node);
  void run_method_call(Node& node);
  void run_index(Node& node);
  AbstractValue element(const AbstractValue& container, const AbstractValue& index, Value* result);
  AbstractValue attribute_fact(const void* object, const std::string& name, Value* anchor);
  const c10::ClassType& class_of(const void* object) const;
  using Visit = std::function<void(const AbstractValue&)>;
  void visit_all_tensors(const AbstractValue& fact, std::unordered_set<const void*>& seen,
                         const Visit& visit);
  AbstractValue fact_of(const c10::IValue& value, const Origin& origin, bool moves, Value* anchor);
  AbstractValue container_fact(const c10::IValue& value, const Origin& origin, bool moves);
  AbstractValue tensor_fact(const at::Tensor& tensor, const Origin& origin, bool moves,
                            Value* anchor);
  c10::Device device_of(const at::Tensor& tensor) const;
  std::string path_of(const void* object, const std::string& name) const;

  // interpret_containers.cpp: lists and dicts.
  bool run_container(Node& node);
  bool run_query(Node& node, std::string_view name, const AbstractValue& container);
  bool run_copy(Node& node, std::string_view name, const AbstractValue& container);
  bool run_mutation(Node& node, std::string_view name, const AbstractValue& container);
  void add_to(Contents& contents, const AbstractValue& item);
  void replace_item(Contents& contents, const AbstractValue& index, const AbstractValue& item);
  void set_entry(Contents& dict, const AbstractValue& key, const AbstractValue& item, bool exactly);
  static std::optional<std::size_t> position(const Contents& contents, const AbstractValue& index);

  // constant_folding.cpp: numbers, strings, devices, None.
  bool evaluate(Node& node);
  bool evaluate_about_tensor(Node& node);
  bool evaluate_about_extent(Node& node);
  bool evaluate_identity(Node& node);
  bool evaluate_by_running(Node& node);
  AbstractValue result_fact(c10::IValue value, const DeviceOrigin* source);

  // interpret_operators.cpp: where the results of an operator are, and whether it takes its
  // arguments.
  void run_operator(Node& node);
  void run_unknown(Node& node);
  const DeviceOrigin* with_extent(const DeviceOrigin* place, Extent extent);
  AbstractValue result_of(const c10::Type& type, const DeviceOriginSet& places, int rank);
  DeviceOriginSet place_results(Node& node, const OperatorInfo& info, const Arguments& arguments);
  DeviceOriginSet at_device(Node& node, const AbstractValue& device);
  const DeviceOrigin* literal(Node& node, c10::Device device);
  DeviceOriginSet meet(Node& node, const OperatorInfo& info, const Arguments& arguments);
  const DeviceOrigin* on_run_device(const DeviceOriginSet& involved);
  void check_host_argument(Node& node, const AbstractValue& argument);
  void report(Node* node, const DeviceOriginSet& involved, bool certain, Verdict verdict);
  void add_conflict(Conflict conflict);

  const Program& program_;
  const InlinedMethod& method_;
  const Scenario& scenario_;
  c10::Device run_device_;
  Liveness liveness_;
  DeviceOrigins places_;
  const DeviceOrigin* input_place_;  ///< Of tensors inside inputs.
  std::map<std::pair<const DeviceOrigin*, Extent>, const DeviceOrigin*> with_extent_;
  OperatorInfos infos_;
  OperandDevices::Verdicts verdicts_;
  std::unordered_map<const Value*, AbstractValue> facts_;
  State state_;                             ///< Attributes that were assigned, and containers.
  std::unordered_set<const void*> locals_;  ///< Objects that the method makes.
  std::unordered_map<const void*, std::string> module_paths_;       ///< With `.`, by object.
  std::unordered_map<const void*, std::string> object_attributes_;  ///< Paths of plain objects.
  std::unordered_map<const void*, std::unordered_map<std::string, std::size_t>> slots_;
  bool certain_ = true;   ///< No branch that may not be taken is around.
  bool straight_ = true;  ///< No branch or loop is around: what happens, happens once.
  int loop_depth_ = 0;
  bool changed_attributes_ = false;
  Value* first_tensor_input_ = nullptr;
  std::vector<Conflict> conflicts_;
  std::unordered_map<const Node*, std::vector<std::size_t>> conflict_of_;
};

}  // namespace crosstrace::detail
