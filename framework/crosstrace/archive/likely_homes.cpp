// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/archive/detail/graph_devices.h>
#include <crosstrace/archive/likely_homes.h>

namespace crosstrace {
namespace {

/// The one element, else empty.
std::string only(const std::set<std::string>& devices) {
  std::set<std::string> named;
  for (const std::string& device : devices) named.insert(device == "cuda" ? "cuda:0" : device);
  return named.size() == 1 ? *named.begin() : "";
}

}  // namespace

std::vector<std::string> likely_homes(const torch::jit::Module& module,
                                      const std::set<std::string>& storages) {
  return likely_homes(detail::devices_in_graphs(module).factories, storages);
}

std::vector<std::string> likely_homes(const std::set<std::string>& factories,
                                      const std::set<std::string>& storages) {
  std::vector<std::string> homes = {only(factories), only(storages)};
  if (homes[0] == homes[1]) homes.pop_back();
  std::erase(homes, "");
  return homes;
}

}  // namespace crosstrace
