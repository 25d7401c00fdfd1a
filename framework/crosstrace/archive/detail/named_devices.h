// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// All devices that an archive names, and the archive with other names. For use inside archive/
/// only.
#pragma once

#include <caffe2/serialize/read_adapter_interface.h>
#include <crosstrace/devices/stand_in.h>

#include <memory>
#include <string>
#include <vector>

namespace torch::jit {
struct Module;
}

namespace crosstrace::detail {

using ArchiveFile = std::shared_ptr<caffe2::serialize::ReadAdapterInterface>;

/// As the functions of `Archive` with these names say; sorted, but for `homes`.
struct NamedDevices {
  std::vector<std::string> storage_locations;
  std::vector<std::string> homes;
  std::vector<std::string> cuda_devices;
  bool asks_for_cuda = false;
};

/// @param module was read from `file`.
NamedDevices named_devices(const ArchiveFile& file, const torch::jit::Module& module);

/// The archive with other devices in its pickles; its program stays as it is.
/// @throws std::runtime_error if a pickle is broken, c10::Error if a record cannot be read.
ArchiveFile with_other_devices(const ArchiveFile& file, const StandIns& stand_ins);

}  // namespace crosstrace::detail
