// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/devices/declared.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/matrix/availability.h>

namespace crosstrace {
namespace {

std::optional<Failure> why_not_usable(const std::string& name,
                                      const std::vector<std::string>& required) {
  const DeviceInfo info = probe_device(name);
  const std::string line = name + " is " + std::string(to_string(info.state)) + ": " + info.reason;
  switch (info.state) {
    case DeviceState::kAvailable:
      return std::nullopt;
    case DeviceState::kBroken:
      return Failure{Verdict::kError, line};
    case DeviceState::kLost:
      return Failure{Verdict::kSkipped, line};
    case DeviceState::kAbsent:
      if (is_required(name, required)) return Failure{Verdict::kError, "required, but " + line};
      return Failure{Verdict::kSkipped, line};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Failure> why_not_runnable(const CellId& id,
                                        const std::vector<std::string>& required) {
  for (const std::string& name : id.needed_devices()) {
    if (auto failure = why_not_usable(name, required)) return failure;
  }
  return std::nullopt;
}

}  // namespace crosstrace
