// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <caffe2/serialize/inline_container.h>
#include <crosstrace/archive/archive_reader.h>
#include <crosstrace/archive/home_device.h>
#include <torch/csrc/jit/ir/ir.h>

#include <map>
#include <set>

namespace crosstrace {
namespace {

using Devices = std::set<std::string>;

void collect_literals(const torch::jit::Block* block, Devices& devices) {
  for (const torch::jit::Node* node : block->nodes()) {
    if (node->kind() == c10::prim::Constant &&
        node->output()->type()->kind() == c10::TypeKind::DeviceObjType) {
      devices.insert(node->s(c10::attr::value));
    }
    for (const torch::jit::Block* inner : node->blocks()) collect_literals(inner, devices);
  }
}

Devices literals(const torch::jit::Module& module) {
  Devices devices;
  for (const torch::jit::Module& submodule : module.modules()) {
    for (const auto& method : submodule.get_methods())
      collect_literals(method.graph()->block(), devices);
  }
  return devices;
}

std::string look(const std::string& path) try {
  return read_without_weights(path).trace_device;
} catch (const std::exception&) {
  return "unknown";  // What is wrong with the file is said by the cells that load it.
}

}  // namespace

std::string trace_device(const torch::jit::Module& module,
                         const std::vector<std::string>& storage_locations) {
  const Devices named = literals(module);
  if (named.size() == 1) return *named.begin();
  return storage_locations.size() == 1 ? storage_locations.front() : "unknown";
}

std::vector<std::string> storage_locations(caffe2::serialize::PyTorchStreamReader& archive) {
  Devices devices;
  for (const char* record : {"data.pkl", "constants.pkl"}) {
    if (!archive.hasRecord(record)) continue;
    const auto [data, size] = archive.getRecord(record);
    const auto found = storage_locations(std::string(static_cast<const char*>(data.get()), size));
    devices.insert(found.begin(), found.end());
  }
  return {devices.begin(), devices.end()};
}

std::string archive_trace_device(const std::string& path) {
  static std::map<std::string, std::string> known;
  auto [entry, is_new] = known.try_emplace(path);
  if (is_new) entry->second = look(path);
  return entry->second;
}

}  // namespace crosstrace
