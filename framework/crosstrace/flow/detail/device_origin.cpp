// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/flow/detail/device_origin.h>

#include <algorithm>

namespace crosstrace::detail {
namespace {

// A value made of many fixed ones does not name them all: unions of unions would cost quadratic
// time.
constexpr std::size_t kMaxOrigins = 32;

bool includes(const std::vector<Origin>& origins, const Origin& origin) {
  return std::find(origins.begin(), origins.end(), origin) != origins.end();
}

}  // namespace

const DeviceOrigin* DeviceOrigins::make(c10::Device device, std::vector<Origin> origins,
                                        torch::jit::Value* anchor, Extent extent) {
  made_.push_back({device, std::move(origins), anchor, extent});
  return &made_.back();
}

const DeviceOrigin* DeviceOrigins::merge(const DeviceOrigin* a, const DeviceOrigin* b) {
  if (a == b || a->anchor != nullptr) return a;
  if (b->anchor != nullptr) return b;
  std::vector<Origin> missing;
  for (const Origin& origin : b->origins) {
    if (!includes(a->origins, origin)) missing.push_back(origin);
  }
  if (missing.empty() || a->origins.size() >= kMaxOrigins) return a;
  if (a->origins.empty()) return b;
  missing.insert(missing.begin(), a->origins.begin(), a->origins.end());
  if (missing.size() > kMaxOrigins) missing.resize(kMaxOrigins);
  return make(a->device, std::move(missing), nullptr, a->extent);
}

c10::Device with_index(c10::Device device) {
  if (device.is_cpu()) return c10::kCPU;  // Where `cpu:0` is as well.
  return device.has_index() ? device : c10::Device(device.type(), 0);
}

}  // namespace crosstrace::detail
