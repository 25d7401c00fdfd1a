// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <c10/core/Device.h>
#include <crosstrace/diagnose/rule.h>
#include <crosstrace/diagnose/rules/device_sites.h>

namespace crosstrace::rules {
namespace {

/// Why the index of the device matters; empty if it does not.
std::string why_it_matters(const std::string& literal) {
  const c10::Device device(literal);
  if (device.is_cpu() || device.index() == 0) return "";
  if (device.has_index()) return "a machine with fewer such devices cannot run it.";
  return "without an index it is the current device, which need not be the module's.";
}

}  // namespace

/// A literal whose index says more than its type.
void device_ordinal(const RuleContext& context, const std::function<void(Remark)>& say) {
  for_each_seen_node(context.program, [&](const InlinedMethod& method, torch::jit::Node& node) {
    const auto site = device_site(node);
    if (!site || !site->literal) return;
    const std::string why = why_it_matters(*site->literal);
    if (why.empty()) return;
    Remark remark{&method, &node};
    remark.message =
        std::string(node.kind().toQualString()) + " names " + *site->literal + ": " + why;
    remark.advice = "Take the device of an input, index and all.";
    remark.repair = Repairability::kAutomatic;
    say(std::move(remark));
  });
}

}  // namespace crosstrace::rules
