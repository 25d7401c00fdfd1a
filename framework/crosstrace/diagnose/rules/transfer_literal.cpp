// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/diagnose/rule.h>
#include <crosstrace/diagnose/rules/device_sites.h>

namespace crosstrace::rules {

/// `to`, `cpu` or `cuda` with a fixed device.
void transfer_literal(const RuleContext& context, const std::function<void(Remark)>& say) {
  for_each_seen_node(context.program, [&](const InlinedMethod& method, torch::jit::Node& node) {
    const auto site = device_site(node);
    if (!site || site->site != Site::kTransfer || !site->literal) return;
    Remark remark{&method, &node};
    remark.message = std::string(node.kind().toQualString()) + " moves its tensor to " +
                     *site->literal + " wherever the module runs: the device is in the graph.";
    remark.advice =
        "Leave the tensor where it is, or move it to where another one is (x.to(other.device) in a "
        "script, x.type_as(other)).";
    remark.repair = Repairability::kAutomatic;
    say(std::move(remark));
  });
}

}  // namespace crosstrace::rules
