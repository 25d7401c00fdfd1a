// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <caffe2/serialize/file_adapter.h>
#include <caffe2/serialize/inline_container.h>
#include <crosstrace/export/archive_devices.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/serialization/import.h>

#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
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

Devices literals(const std::string& path) {
  Devices devices;
  const torch::jit::Module module = torch::jit::load(path, c10::kCPU);
  for (const torch::jit::Module& submodule : module.modules()) {
    for (const auto& method : submodule.get_methods())
      collect_literals(method.graph()->block(), devices);
  }
  return devices;
}

bool is_device(const std::string& text) {
  static const std::set<std::string> types = {"cpu", "cuda", "mps", "xpu",
                                              "sim", "hpu",  "xla", "privateuseone"};
  return types.count(text.substr(0, text.find(':'))) > 0;
}

/// The location of a storage is a string of its pickled id: opcode BINUNICODE, four bytes of
/// length, the text.
Devices storage_locations(const std::string& path) {
  Devices devices;
  caffe2::serialize::PyTorchStreamReader reader(
      std::make_unique<caffe2::serialize::FileAdapter>(path));
  for (const char* record : {"data.pkl", "constants.pkl"}) {
    if (!reader.hasRecord(record)) continue;
    const auto [data, size] = reader.getRecord(record);
    const std::string pickle(static_cast<const char*>(data.get()), size);
    for (std::size_t at = pickle.find('X'); at != std::string::npos && at + 5 <= size;
         at = pickle.find('X', at + 1)) {
      std::uint32_t length = 0;
      std::memcpy(&length, pickle.data() + at + 1, sizeof(length));
      if (length > 32 || at + 5 + length > size) continue;
      const std::string text = pickle.substr(at + 5, length);
      if (is_device(text)) devices.insert(text);
    }
  }
  return devices;
}

std::string look(const std::string& path) try {
  const Devices named = literals(path);
  if (named.size() == 1) return *named.begin();
  const Devices stored = storage_locations(path);
  return stored.size() == 1 ? *stored.begin() : "unknown";
} catch (const std::exception&) {
  return "unknown";  // What is wrong with the file is said by the cells that load it.
}

}  // namespace

std::string archive_trace_device(const std::string& path) {
  static std::map<std::string, std::string> known;
  auto [entry, is_new] = known.try_emplace(path);
  if (is_new) entry->second = look(path);
  return entry->second;
}

}  // namespace crosstrace
