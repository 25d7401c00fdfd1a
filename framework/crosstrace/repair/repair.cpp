// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/Tensor.h>
#include <crosstrace/diagnose/home.h>
#include <crosstrace/flow/follow_devices.h>
#include <crosstrace/graph/attribute_reads.h>
#include <crosstrace/graph/program.h>
#include <crosstrace/graph/source.h>
#include <crosstrace/repair/detail/buffers.h>
#include <crosstrace/repair/detail/class_attributes.h>
#include <crosstrace/repair/detail/device_source.h>
#include <crosstrace/repair/detail/node_edits.h>
#include <crosstrace/repair/repair.h>
#include <torch/csrc/jit/ir/constants.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <set>

namespace crosstrace {
namespace {

namespace jit = torch::jit;
using detail::EditResult;

/// An edit may uncover the next conflict, behind the one that it settled. Each round settles one
/// origin at the least, so this is only ever reached by graphs that nobody wrote.
constexpr int kMostRounds = 100;

/// An origin of conflicts, with what it meets.
struct Target {
  const InlinedMethod* method;
  Origin origin;
  jit::Value* anchor;
};

std::vector<Scenario> scenarios(const std::string& home, std::vector<std::string> devices,
                                bool read_elsewhere) {
  const std::vector<std::string> others = detail::other_devices(home);
  devices.insert(devices.end(), others.begin(), others.end());
  std::vector<Scenario> all;
  std::set<std::string> known = {home};
  for (const std::string& device : devices) {
    if (!known.insert(device).second) continue;
    all.push_back({Transfer::kTo, home, device, read_elsewhere});
    all.push_back({Transfer::kLoad, home, device, read_elsewhere});
  }
  return all;
}

/// The path of the module that has the attribute.
std::string parent_path(const std::string& path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string::npos ? "" : path.substr(0, dot);
}

RepairStep place_of(const Target& target) {
  RepairStep place;
  if (target.origin.node == nullptr) {
    place.attribute = target.origin.attribute;
    place.module_path = parent_path(place.attribute);
    return place;
  }
  place.method = target.method->name;
  place.operator_name = target.origin.node->kind().toQualString();
  place.module_path = module_path(*target.method, *target.origin.node);
  NodeSource source = source_of(*target.origin.node);
  place.source = std::move(source.line);
  place.function = std::move(source.function);
  return place;
}

/// A tensor constant of no dimension goes along with any other tensor.
bool is_number(const Origin& origin) {
  if (origin.node == nullptr || origin.node->kind() != c10::prim::Constant) return false;
  const auto value = jit::toIValue(origin.node->output());
  return value && value->isTensor() && value->toTensor().dim() == 0;
}

/// Numbers are left until nothing else is to blame.
std::vector<Origin> origins_to_settle(const Conflict& conflict) {
  std::vector<Origin> origins;
  std::remove_copy_if(conflict.origins.begin(), conflict.origins.end(), std::back_inserter(origins),
                      is_number);
  return origins.empty() ? conflict.origins : origins;
}

bool same_place(const RepairStep& a, const RepairStep& b) {
  const auto line = [](const RepairStep& step) { return step.source ? step.source->str() : ""; };
  return a.operator_name == b.operator_name && a.attribute == b.attribute && line(a) == line(b);
}

/// One repair at work.
class Repairer {
 public:
  Repairer(jit::Module& module, std::vector<Scenario> scenarios)
      : module_(module), scenarios_(std::move(scenarios)) {}

  Repaired run() {
    for (int round = 0; round < kMostRounds && settle_some(); ++round) {
    }
    return std::move(repaired_);
  }

 private:
  /// @returns whether anything was changed.
  bool settle_some() {
    const Program program(module_);
    const std::vector<Target> targets = targets_in(program);
    if (!targets.empty()) detail::uncover_interfaces(program);
    anchors_.clear();
    edited_.clear();
    bool changed = false;
    for (const Target& target : targets) changed |= settle(program, target);
    return changed;
  }

  /// Every origin once, with the first value that tells where it should be.
  std::vector<Target> targets_in(const Program& program) const {
    std::vector<Target> targets;
    std::map<std::pair<const jit::Node*, std::string>, std::size_t> known;
    const auto add = [&](const InlinedMethod& method, const Conflict& conflict) {
      for (const Origin& origin : origins_to_settle(conflict)) {
        if (given_up_.count({origin.node, origin.attribute}) > 0) continue;
        const auto [entry, is_new] =
            known.try_emplace({origin.node, origin.attribute}, targets.size());
        if (is_new) targets.push_back({&method, origin, conflict.anchor});
        jit::Value*& anchor = targets[entry->second].anchor;
        if (anchor == nullptr && targets[entry->second].method == &method) anchor = conflict.anchor;
      }
    };
    for (const InlinedMethod& method : program.methods()) {
      for (const Scenario& scenario : scenarios_) {
        for (const Conflict& conflict : follow_devices(program, method, scenario)) {
          if (!conflict.is_suspicion) add(method, conflict);
        }
      }
    }
    drop_unseen(targets);
    return targets;
  }

  /// What only a method of a submodule shows, called by itself, harms no caller of the module:
  /// there, nothing is changed but what was changed where it is inlined.
  void drop_unseen(std::vector<Target>& targets) const {
    std::vector<RepairStep> seen = repaired_.steps;
    for (const Target& target : targets) {
      if (target.method->is_entry) seen.push_back(place_of(target));
    }
    std::erase_if(targets, [&](const Target& target) {
      const RepairStep place = place_of(target);
      return !target.method->is_entry && std::none_of(seen.begin(), seen.end(), [&](auto& other) {
        return same_place(place, other);
      });
    });
  }

  bool settle(const Program& program, const Target& target) {
    RepairStep step = place_of(target);  // Before the edit, which may take the node away.
    const std::set<std::string> methods = methods_with(program, target);
    EditResult result = edit(program, target);
    step.text = std::move(result.text);
    step.advice = std::move(result.advice);
    if (result.done) {
      repaired_.methods.insert(methods.begin(), methods.end());
    } else {
      given_up_.insert({target.origin.node, target.origin.attribute});
    }
    tell(*target.method, result.done, std::move(step));
    return result.done;
  }

  /// The methods that users call and that an edit of the target changes: an attribute is read by
  /// several.
  static std::set<std::string> methods_with(const Program& program, const Target& target) {
    std::set<std::string> names;
    const auto add = [&](const InlinedMethod& method) {
      if (method.is_entry && method.module_path.empty()) names.insert(method.name);
    };
    add(*target.method);
    for (const Attribute& attribute : program.attributes()) {
      if (target.origin.node != nullptr || attribute.path != target.origin.attribute) continue;
      for (const auto& read : reads_of(program, attribute.owner.type(), attribute.name)) {
        add(*read.method);
      }
    }
    return names;
  }

  /// What is in a method of a submodule was inlined into the method that calls it, and told of
  /// there; where nobody calls it, what cannot be repaired harms nobody.
  void tell(const InlinedMethod& method, bool is_done, RepairStep step) {
    auto& list = is_done ? repaired_.steps : repaired_.left;
    const auto is_same = [&](const RepairStep& other) { return same_place(step, other); };
    if (method.is_entry) {
      const auto of_helper = std::find_if(of_helpers_.begin(), of_helpers_.end(), is_same);
      if (is_done && of_helper != of_helpers_.end()) {
        of_helpers_.erase(of_helper);
      } else {
        list.push_back(std::move(step));
      }
    } else if (is_done && std::none_of(list.begin(), list.end(), is_same)) {
      of_helpers_.push_back(step);
      list.push_back(std::move(step));
    }
  }

  EditResult edit(const Program& program, const Target& target) {
    if (target.origin.node == nullptr) return edit_attribute(program, target);
    auto& node = const_cast<jit::Node&>(*target.origin.node);  // Of a graph that is ours to change.
    if (node.kind() == c10::prim::Constant && node.hasAttribute(c10::attr::value) &&
        node.kindOf(c10::attr::value) == jit::AttributeKind::t) {
      return buffers_.from_constant(program, *target.method, node);
    }
    return detail::follow_anchor(node, anchors_of(node), target.anchor);
  }

  EditResult edit_attribute(const Program& program, const Target& target) {
    const auto& all = program.attributes();
    const auto found = std::find_if(all.begin(), all.end(), [&](const Attribute& attribute) {
      return attribute.path == target.origin.attribute;
    });
    if (found == all.end()) {
      return {false, target.origin.attribute + " is no attribute of a module",
              "Register it as a buffer of a module."};
    }
    // A class is edited once for all of its instances.
    const auto [known, is_new] = edited_.try_emplace({found->owner.type().get(), found->name});
    if (!is_new) return known->second;
    known->second = found->value.isDevice() ? edit_device(program, *found, target)
                                            : buffers_.from_attribute(program, *found);
    return known->second;
  }

  EditResult edit_device(const Program& program, const Attribute& attribute, const Target& target) {
    EditResult result;
    for (const Read& read : reads_of(program, attribute.owner.type(), attribute.name)) {
      jit::Value* anchor = read.method == target.method ? target.anchor : nullptr;
      EditResult one = detail::replace_device_read(*read.node, anchors_of(*read.node), anchor);
      if (!one.done) return one;
      if (result.text.empty()) result = std::move(one);
    }
    return result;
  }

  /// Of the node's own graph: what prim::fork calls is apart from the method.
  detail::DeviceSources& anchors_of(const jit::Node& node) {
    jit::Graph& graph = const_cast<jit::Graph&>(*node.owningGraph());
    auto& anchors = anchors_[&graph];
    if (!anchors) anchors = std::make_unique<detail::DeviceSources>(graph);
    return *anchors;
  }

  jit::Module& module_;
  std::vector<Scenario> scenarios_;
  Repaired repaired_;
  std::vector<RepairStep> of_helpers_;  ///< Steps in their methods, not met in an entry yet.
  detail::Buffers buffers_;
  std::map<const jit::Graph*, std::unique_ptr<detail::DeviceSources>> anchors_;
  std::map<std::pair<const c10::ClassType*, std::string>, EditResult> edited_;  ///< In this round.
  std::set<std::pair<const jit::Node*, std::string>> given_up_;
};

}  // namespace

Repaired repair(jit::Module& module, const std::string& home,
                const std::vector<std::string>& devices, bool read_elsewhere) {
  return Repairer(module, scenarios(home, devices, read_elsewhere)).run();
}

}  // namespace crosstrace
