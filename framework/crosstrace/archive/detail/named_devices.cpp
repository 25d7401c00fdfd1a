// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/archive/detail/graph_devices.h>
#include <crosstrace/archive/detail/named_devices.h>
#include <crosstrace/archive/detail/patched_file.h>
#include <crosstrace/archive/detail/pickle_devices.h>
#include <crosstrace/archive/detail/read_record.h>
#include <crosstrace/archive/detail/zip_directory.h>
#include <crosstrace/archive/likely_homes.h>
#include <crosstrace/devices/declared.h>

#include <initializer_list>
#include <map>
#include <set>

namespace crosstrace::detail {
namespace {

using Devices = std::set<std::string>;

// `jit::load` puts all tensors on one device or each where it was saved, and these say where that
// is: torch/csrc/jit/serialization/import_read.cpp.
constexpr const char* kPickles[] = {"data.pkl", "constants.pkl"};

/// The archive's own folder, `model/`, which the first record tells.
std::string root_of(const ArchiveFile& file) {
  const auto entries = read_zip_directory(*file);
  const std::string& first = entries.front().name;
  return first.substr(0, first.find('/') + 1);
}

PickleDevices devices_in_pickles(const ArchiveFile& file) {
  caffe2::serialize::PyTorchStreamReader archive(file);
  PickleDevices all;
  for (const char* name : kPickles) {
    if (!archive.hasRecord(name)) continue;
    PickleDevices found = devices_in_pickle(read_record(archive, name));
    all.storages.merge(found.storages);
    all.values.merge(found.values);
  }
  return all;
}

std::vector<std::string> cuda_among(std::initializer_list<const Devices*> all_devices) {
  Devices cuda;
  for (const Devices* devices : all_devices) {
    for (const std::string& device : *devices) {
      if (device_type(device) == "cuda") cuda.insert(device == "cuda" ? "cuda:0" : device);
    }
  }
  return {cuda.begin(), cuda.end()};
}

}  // namespace

NamedDevices named_devices(const ArchiveFile& file, const torch::jit::Module& module) {
  const PickleDevices pickled = devices_in_pickles(file);
  const GraphDevices program = devices_in_graphs(module);
  return {{pickled.storages.begin(), pickled.storages.end()},
          likely_homes(program.factories, pickled.storages),
          cuda_among({&pickled.storages, &pickled.values, &program.factories, &program.others}),
          program.asks_for_cuda};
}

ArchiveFile with_other_devices(const ArchiveFile& file, const StandIns& stand_ins) {
  std::map<std::string, std::string> names = stand_ins;
  if (const auto first = names.find("cuda:0"); first != names.end()) names["cuda"] = first->second;
  caffe2::serialize::PyTorchStreamReader archive(file);
  std::map<std::string, std::string> records;
  for (const char* name : kPickles) {
    if (!archive.hasRecord(name)) continue;
    records[root_of(file) + name] = rename_devices(read_record(archive, name), names);
  }
  return std::make_shared<PatchedFile>(file, records);
}

}  // namespace crosstrace::detail
