// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/devices/discovery.h>
#include <crosstrace/diagnose/rule.h>

#include <algorithm>

namespace crosstrace::rules {
namespace {

bool is_available(const std::string& device, const RuleContext& context) {
  return probe_device(device).state == DeviceState::kAvailable ||
         std::count(context.stood_in.begin(), context.stood_in.end(), device) > 0;
}

}  // namespace

/// Cells that load the archive to where it was saved fail on this machine if it lacks the device.
void storage_location(const RuleContext& context, const std::function<void(Remark)>& say) {
  for (const std::string& device : context.storage_locations) {
    if (device == "cpu") continue;
    Remark remark;
    remark.severity = is_available(device, context) ? Severity::kNote : Severity::kWarning;
    remark.message = "Tensors of the archive were saved on " + device +
                     ", and torch::jit::load(file) puts them back there, which fails on a machine "
                     "without " +
                     device + ".";
    remark.advice = "Save the module after module.to(\"cpu\"), or always load it with a device.";
    remark.repair = Repairability::kAutomatic;
    remark.fails = [](Transfer transfer, const std::string&) {
      return transfer != Transfer::kLoad;
    };
    say(std::move(remark));
  }
}

}  // namespace crosstrace::rules
