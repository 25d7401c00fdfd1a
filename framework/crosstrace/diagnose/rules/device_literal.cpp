// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/diagnose/rule.h>
#include <crosstrace/diagnose/rules/device_sites.h>

namespace crosstrace::rules {

/// A factory that carries a device: traces record where they were made.
void device_literal(const RuleContext& context, const std::function<void(Remark)>& say) {
  for_each_seen_node(context.program, [&](const InlinedMethod& method, torch::jit::Node& node) {
    const auto site = device_site(node);
    if (!site || site->site != Site::kFactory || !site->literal) return;
    Remark remark{&method, &node};
    remark.message = std::string(node.kind().toQualString()) + " makes its tensor on " +
                     *site->literal + " wherever the module runs: the device is in the graph.";
    remark.advice =
        "Make the tensor on an input's device (x.new_zeros, torch.zeros_like, device=x.device in a "
        "script), or register it as a buffer.";
    remark.repair = Repairability::kAutomatic;
    say(std::move(remark));
  });
}

}  // namespace crosstrace::rules
