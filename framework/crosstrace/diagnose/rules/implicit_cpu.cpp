// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/diagnose/rule.h>
#include <crosstrace/diagnose/rules/device_sites.h>
#include <crosstrace/operators/kernel_lookup.h>
#include <crosstrace/operators/node_operator.h>

namespace crosstrace::rules {
namespace {

/// aten::from_file has a kernel for the CPU alone, so no device can be given to it.
bool can_move(const torch::jit::Node& node) {
  const auto name = dispatched_operator(node);
  return !name || find_kernel(*name, "cuda").has_kernel;
}

}  // namespace

/// A factory that names no device and has no tensor to follow.
void implicit_cpu(const RuleContext& context, const std::function<void(Remark)>& say) {
  for_each_seen_node(context.program, [&](const InlinedMethod& method, torch::jit::Node& node) {
    const auto site = device_site(node);
    if (!site || !site->is_implicit_cpu) return;
    Remark remark{&method, &node};
    remark.message = std::string(node.kind().toQualString()) +
                     " names no device, so its tensor is on the CPU wherever the module runs.";
    remark.advice =
        "Give it an input's device (device=x.device), or register the tensor as a buffer.";
    remark.repair = can_move(node) ? Repairability::kAutomatic : Repairability::kManual;
    // Every size that a trace follows is a number made a tensor.
    remark.only_in_conflict = node.kind() == c10::prim::NumToTensor;
    say(std::move(remark));
  });
}

}  // namespace crosstrace::rules
