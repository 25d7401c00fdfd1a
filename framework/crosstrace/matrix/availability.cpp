// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/devices/declared.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/matrix/availability.h>

namespace crosstrace {
namespace {

/// What an archive names may be no device of this LibTorch, which its reader will say: empty then.
/// `cuda` is `cuda:0`.
std::string device_name(const std::string& word) try {
  const c10::Device device = to_device(word);
  return device.is_cuda() && !device.has_index() ? "cuda:0" : device.str();
} catch (const c10::Error&) {
  return "";
}

}  // namespace

std::optional<Failure> why_not_usable(const DeviceInfo& device,
                                      const std::vector<std::string>& required) {
  const std::string line =
      device.name + " is " + std::string(to_string(device.state)) + ": " + device.reason;
  switch (device.state) {
    case DeviceState::kAvailable:
      return std::nullopt;
    case DeviceState::kBroken:
      return Failure{Verdict::kError, line};
    case DeviceState::kLost:
    case DeviceState::kAbsent:
      if (is_required(device.name, required))
        return Failure{Verdict::kError, "required, but " + line};
      return Failure{Verdict::kSkipped, line};
  }
  return std::nullopt;
}

std::optional<Failure> why_not_runnable(const CellId& id,
                                        const std::vector<std::string>& required) {
  for (const std::string& name : id.needed_devices()) {
    if (auto failure = why_not_usable(probe_device(name), required)) return failure;
  }
  return std::nullopt;
}

std::optional<Failure> why_not_made(const Archive& archive,
                                    const std::vector<std::string>& required) {
  const std::string reason = archive.why_skipped();
  if (reason.empty()) return std::nullopt;
  const std::string line = archive.home() + ": its export was skipped: " + reason;
  if (is_required(archive.home(), required))
    return Failure{Verdict::kError, "required, but " + line};
  return Failure{Verdict::kSkipped, line};
}

std::optional<Failure> why_lost(const std::vector<std::string>& touched,
                                const std::vector<std::string>& required) {
  for (const std::string& word : touched) {
    const std::string name = device_name(word);
    if (name.empty() || probe_device(name).state != DeviceState::kLost) continue;
    if (auto failure = why_not_usable(probe_device(name), required)) return failure;
  }
  return std::nullopt;
}

}  // namespace crosstrace
