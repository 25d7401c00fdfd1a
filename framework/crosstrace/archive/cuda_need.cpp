// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <caffe2/serialize/inline_container.h>
#include <crosstrace/archive/archive_check.h>
#include <crosstrace/archive/cuda_need.h>
#include <crosstrace/devices/cuda_loader.h>

#include <string_view>
#include <utility>

namespace crosstrace {
namespace {

/// `cuda`, where it is no part of another word: `is_cuda` asks a tensor and needs nothing.
bool names_cuda(std::string_view text) {
  constexpr std::string_view kWord = "cuda";
  for (std::size_t at = text.find(kWord); at != text.npos; at = text.find(kWord, at + 1)) {
    if (at == 0 || text[at - 1] != '_') return true;
  }
  return false;
}

/// As TorchScript writes calls of operators and the class cuda.Stream.
bool calls_cuda(std::string_view code) {
  return code.find("ops.cuda.") != code.npos || code.find("torch.classes.cuda.") != code.npos;
}

}  // namespace

CudaNeed cuda_need(caffe2::serialize::PyTorchStreamReader& archive) {
  CudaNeed need;
  for (const std::string& name : archive.getAllRecords()) {
    const bool is_code = name.starts_with("code/") && name.ends_with(".py");
    if (!is_code && name != "data.pkl" && name != "constants.pkl") continue;
    const auto [data, size] = archive.getRecord(name);
    const std::string_view text(static_cast<const char*>(data.get()), size);
    need.devices = need.devices || names_cuda(text);
    need.operators = need.operators || (is_code && calls_cuda(text));
  }
  return need;
}

void open_cuda_for_archive(std::shared_ptr<caffe2::serialize::ReadAdapterInterface> file) {
  caffe2::serialize::PyTorchStreamReader archive(std::move(file));
  const CudaNeed need = cuda_need(archive);
  if (need.operators || (need.devices && has_cuda_driver())) (void)open_cuda_part();
}

}  // namespace crosstrace
