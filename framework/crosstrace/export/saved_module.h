// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The archive that a module makes, without a second copy of its weights.
///
///     torch::jit::Module module("Scale");
///     module.register_parameter("scale", at::ones({100'000}), /*is_buffer=*/false);
///     const auto saved = std::make_shared<crosstrace::SavedModule>(module);
///     torch::jit::Module loaded = torch::jit::load(saved, c10::Device(c10::kCPU));
#pragma once

#include <ATen/core/Tensor.h>
#include <caffe2/serialize/read_adapter_interface.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace torch::jit {
struct Module;
}

namespace crosstrace {

/// Every byte that `module.save` writes. The elements of tensors of more than 64 KiB are read from
/// the tensors when they are asked for, and are kept alive: who changes them changes the archive. All
/// else is kept as it was written.
class SavedModule : public caffe2::serialize::ReadAdapterInterface {
 public:
  /// Waits for the devices of its tensors, and reads them: an archive has a checksum of each.
  /// @throws c10::Error if the module cannot be saved.
  explicit SavedModule(const torch::jit::Module& module);

  std::size_t size() const override;
  std::size_t read(std::uint64_t at, void* buffer, std::size_t size,
                   const char* what) const override;

  /// Bytes that are kept beside the tensors.
  std::size_t own_size() const noexcept { return bytes_.size(); }

 private:
  /// So many bytes from `begin` on: those of a tensor, or else own ones.
  struct Part {
    std::uint64_t begin = 0;
    std::size_t size = 0;
    at::Tensor elements;     ///< As bytes, on their device; undefined for own ones.
    std::size_t in_own = 0;  ///< Where own ones begin.
  };

  void append(const char* data, std::size_t size, at::Tensor elements);
  static void copy(const at::Tensor& elements, std::size_t at, char* buffer, std::size_t size);

  std::vector<Part> parts_;
  std::string bytes_;
};

}  // namespace crosstrace
