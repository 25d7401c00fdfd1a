// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// Models that people use, portable as they are: archives of torchvision and silero-vad, registered
// from the folder that CROSSTRACE_ZOO_LARGE names, as far as they are there.

#include <crosstrace/models/registry.h>
#include <torch/types.h>

#include <cstdlib>
#include <filesystem>

#include "zoo/zoo.h"

namespace crosstrace::zoo {
namespace {

template <class Generator>
void add(const std::string& folder, const std::string& name, Generator inputs) {
  const std::string path = folder + "/" + name + ".pt";
  if (!std::filesystem::exists(path)) return;
  Registry::instance().add(
      ModelBuilder(name, {__FILE__, __LINE__}).archive(path).inputs(inputs).build());
  entries().push_back(EntryBuilder(name, "good").build());
}

[[maybe_unused]] const bool kAdded = [] {
  const char* folder = std::getenv("CROSSTRACE_ZOO_LARGE");
  if (folder == nullptr) return false;
  for (const std::string name : {"resnet18", "mobilenet_v3_small", "squeezenet1_1",
                                 "shufflenet_v2_x0_5", "vit_b_16", "swin_t"}) {
    for (const std::string kind : {"_scripted", "_traced"}) {
      add(folder, name + kind, [] { return torch::randn({1, 3, 224, 224}); });
    }
  }
  add(folder, "silero_vad", [] { return arguments(torch::randn({1, 512}), int64_t{16000}); });
  return true;
}();

}  // namespace
}  // namespace crosstrace::zoo
