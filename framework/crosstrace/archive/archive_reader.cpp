// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <caffe2/serialize/inline_container.h>
#include <crosstrace/archive/archive_check.h>
#include <crosstrace/archive/archive_reader.h>
#include <crosstrace/archive/detail/weightless_file.h>
#include <crosstrace/archive/home_device.h>
#include <torch/csrc/jit/serialization/import.h>

#include <memory>

namespace crosstrace {

ArchiveReading read_without_weights(const std::string& path) {
  check_archive(path);
  const auto file = std::make_shared<detail::WeightlessFile>(path);
  ArchiveReading reading{torch::jit::load(file, c10::kCPU), {}, ""};
  caffe2::serialize::PyTorchStreamReader records(file);
  reading.storage_locations = storage_locations(records);
  reading.trace_device = trace_device(reading.module, reading.storage_locations);
  return reading;
}

}  // namespace crosstrace
