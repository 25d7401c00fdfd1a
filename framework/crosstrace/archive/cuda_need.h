// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The gate that archives pass through on their way to LibTorch's reader: CUDA is loaded before an
/// archive can ask for it, whatever the list of devices says.
///
///     auto file = std::make_shared<caffe2::serialize::FileAdapter>("model.pt");
///     crosstrace::open_cuda_for_archive(file);
///     torch::jit::Module module = torch::jit::load(file);
#pragma once

#include <memory>

namespace caffe2::serialize {
class PyTorchStreamReader;
class ReadAdapterInterface;
}  // namespace caffe2::serialize

namespace crosstrace {

/// How an archive needs CUDA, by what is written in it; nothing is loaded or run for that.
struct CudaNeed {
  bool operators = false;  ///< Its code calls CUDA's own operators, such as cuda::synchronize.
  bool devices = false;    ///< Its code or its tensors name a CUDA device.
};

CudaNeed cuda_need(caffe2::serialize::PyTorchStreamReader& archive);

/// Opens LibTorch's CUDA part if the archive needs it: for CUDA's operators wherever there is such
/// a part, since LibTorch cannot even read their calls without it; for devices if there is a driver.
/// Does not ask the driver, so that processes that fork later can.
/// @throws c10::Error if it is no archive.
void open_cuda_for_archive(std::shared_ptr<caffe2::serialize::ReadAdapterInterface> file);

}  // namespace crosstrace
