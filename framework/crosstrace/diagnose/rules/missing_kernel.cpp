// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/graph_walk.h>
#include <crosstrace/diagnose/rule.h>
#include <crosstrace/diagnose/rules/device_sites.h>
#include <crosstrace/graph/reachability.h>
#include <crosstrace/operators/kernel_lookup.h>
#include <crosstrace/operators/node_operator.h>

#include <algorithm>
#include <cctype>
#include <unordered_map>

namespace crosstrace::rules {
namespace {

/// An operator of the program, where it is first called, and how surely it is called.
struct Use {
  const InlinedMethod* method = nullptr;
  const torch::jit::Node* node = nullptr;
  bool in_forward = false;  ///< Where it may be run.
  bool always = false;      ///< Every call of forward runs it.
};

bool is_missing(const RuleContext& context, const c10::OperatorName& name) {
  return std::any_of(
      context.targets.begin(), context.targets.end(),
      [&](const std::string& target) { return !find_kernel(name, target).has_kernel; });
}

/// A factory that names no device, or the CPU, runs there wherever the module is.
bool runs_on_cpu_only(const c10::OperatorName& name, const torch::jit::Node& node) {
  const auto site = device_site(node);
  if (!site || site->site != Site::kFactory) return false;
  return (site->is_implicit_cpu || site->literal == "cpu") && find_kernel(name, "cpu").has_kernel;
}

Use use_of(const Program& program, const InlinedMethod& method, const torch::jit::Node& node) {
  const auto reachability = reachability_of(program, method, node);
  const bool in_forward = is_main(program, method) && reachability != Reachability::kNever;
  return {&method, &node, in_forward, in_forward && reachability == Reachability::kAlways};
}

using Uses = std::vector<std::pair<c10::OperatorName, Use>>;

/// The operators that some target lacks, each with its first use; one that is always run if there
/// is one.
Uses collect(const RuleContext& context) {
  Uses uses;
  constexpr std::size_t kNotMissing = -1;
  std::unordered_map<c10::OperatorName, std::size_t> places;
  const auto see = [&](const InlinedMethod& method, const torch::jit::Node& node) {
    const auto name = dispatched_operator(node);
    if (!name || !specialised_for(node.kind()).empty() || runs_on_cpu_only(*name, node)) return;
    auto [place, is_new] = places.try_emplace(*name, kNotMissing);
    if (is_new && is_missing(context, *name)) {
      place->second = uses.size();
      uses.emplace_back(*name, use_of(context.program, method, node));
    } else if (place->second != kNotMissing) {
      Use& known = uses[place->second].second;
      const Use use = use_of(context.program, method, node);
      if (use.always > known.always || use.in_forward > known.in_forward) known = use;
    }
  };
  for (const InlinedMethod& method : context.program.methods()) {
    if (method.reached) continue;
    for_each_node(*method.graph->block(), [&](torch::jit::Node& node) { see(method, node); });
  }
  return uses;
}

Severity severity_of(const Use& use, const KernelAnswer& answer) {
  if (answer.evidence == KernelEvidence::kNotSeen || !use.in_forward) return Severity::kNote;
  return use.always ? Severity::kError : Severity::kWarning;
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

Remark remark(const c10::OperatorName& name, const std::string& target, const Use& use,
              const KernelAnswer& answer) {
  const std::string op = c10::toString(name);
  Remark remark{use.method, use.node};
  remark.severity = severity_of(use, answer);
  remark.fails = [target](Transfer, const std::string& device) { return runs_as(device, target); };
  if (answer.evidence == KernelEvidence::kNotSeen) {
    remark.message = op + " has no kernel for " + target +
                     " that is registered here, where LibTorch's part for " + target +
                     " is not loaded; unless its library registers one there, a call on " + target +
                     " fails.";
    remark.advice =
        "Look whether the library that defines " + op + " was built for " + target + ".";
    return remark;
  }
  remark.message = op + " has no " + upper(target) + " kernel, so a call on " + target + " fails.";
  remark.advice = "Call it outside of the model, or use operators that " + upper(target) + " has.";
  return remark;
}

}  // namespace

void missing_kernel(const RuleContext& context, const std::function<void(Remark)>& say) {
  for (const auto& [name, use] : collect(context)) {
    for (const std::string& target : context.targets) {
      const KernelAnswer answer = find_kernel(name, target);
      if (!answer.has_kernel) say(remark(name, target, use, answer));
    }
  }
}

}  // namespace crosstrace::rules
