// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// A file that `torch::jit::save` or Python's `torch.jit.save` wrote.
///
///     const crosstrace::Archive archive("model.pt");
///     std::cout << archive.home() << '\n';  // cpu, cuda:0, unknown
///     torch::jit::Module module = archive.load(c10::kCPU);
#pragma once

#include <c10/core/Device.h>
#include <crosstrace/devices/stand_in.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace caffe2::serialize {
class ReadAdapterInterface;
}
namespace c10 {
struct FunctionSchema;
}
namespace torch::jit {
struct Module;
}

namespace crosstrace {

/// Opened and checked once, at the first question, and open until the last copy is gone: copies
/// share the file and all that was found out about it. Whoever needs something of an archive takes
/// it from here, and references to it live as long as the last copy. Making one touches no file, so
/// that models can be registered before main(). Not for several threads at once.
class Archive {
 public:
  // Implicit, so that a path can be given where an archive is wanted.
  Archive(std::string path);                                 // NOLINT(google-explicit-constructor)
  Archive(const char* path) : Archive(std::string(path)) {}  // NOLINT(google-explicit-constructor)

  /// One whose author said where it was made or is to be made: on `made_on`, `cpu` or `cuda:1`. It
  /// is the first of its homes whatever the file says, and before there is a file.
  Archive(std::string path, std::string made_on);

  const std::string& path() const noexcept;

  /// Why there is no file: one line that whoever should have written it left in `<path>.skipped`.
  /// Empty if the file is there, and if nobody said why it is not.
  std::string why_skipped() const;

  /// The file, opened and found to be one that LibTorch can be given (archive_check.h).
  /// @throws std::runtime_error in one line, `cannot read archive model.pt: No such file or
  /// directory`. All functions below throw this too, unless they say otherwise.
  std::shared_ptr<caffe2::serialize::ReadAdapterInterface> file() const;

  /// `torch::jit::load(file, device)`: a module of its own, sharing nothing with any other. Copies
  /// to a device are LibTorch's blocking ones. Loads CUDA first if the archive needs it
  /// (cuda_need.h), as `without_weights` does; what is asked of an archive for a list of tests does
  /// not.
  /// @param device nothing: each tensor goes where it was saved.
  /// @param stand_ins are read wherever the archive names the devices that they stand in for: in
  /// storages, each by its own location, in attributes that are devices or hold some, in constants
  /// of graphs, texts that become devices, and `aten::cuda`. In memory only.
  /// @throws c10::Error if a device is not there; torch::jit::ErrorReport for an operator that
  /// LibTorch does not know.
  torch::jit::Module load(std::optional<c10::Device> device = std::nullopt,
                          const StandIns& stand_ins = {}) const;

  /// Graphs and attributes on the CPU, nothing of which runs, not even `__setstate__`: what that would
  /// compute is empty. Tensors have their shapes and dtypes, and data that nobody read: do not call
  /// it, do not save it. An archive of 1 GiB takes about 20 ms.
  /// @throws as `load` does for an operator.
  torch::jit::Module without_weights() const;

  /// The devices that its tensors were saved on, constants included, sorted.
  /// @throws as `without_weights` does.
  const std::vector<std::string>& storage_locations() const;

  /// Where it may have been made, the likeliest first: on the device at which its program makes
  /// tensors, if it names one for all; on the one that all its tensors were saved on. Transfers
  /// (`to`, `.cpu()`) are no evidence, and `cuda` is `cuda:0`. Empty if nothing tells or it cannot
  /// be read: what is wrong with it is said by those who load it.
  const std::vector<std::string>& homes() const;

  /// The first of `homes`; `unknown` if there is none. Of an archive that is known to be made on a
  /// device, that one, whether the file can be read or not.
  std::string home() const;

  /// The CUDA devices that it names anywhere, with their index, sorted: nothing of it may run on a
  /// machine without them. Empty if it cannot be read.
  const std::vector<std::string>& cuda_devices() const;

  /// Whether its program asks if a tensor is on CUDA, which no stand-in can answer for it.
  /// @throws as `without_weights` does.
  bool asks_for_cuda() const;

  /// Whether a method or function of it, called or not, has an operator that reaches beyond its
  /// tensors (operators/unsafe_operators.h). Loading may run it.
  /// @throws as `without_weights` does.
  bool has_unsafe_operators() const;

  /// The schemas of the module's own methods, self first: forward, what torch.jit.export kept,
  /// overloads (`forward__0`), and what those call.
  /// @throws as `without_weights` does.
  const std::vector<c10::FunctionSchema>& methods() const;

 private:
  struct State;
  struct Contents;
  const Contents& contents() const;
  const Contents& contents_if_readable() const;

  std::shared_ptr<State> state_;
};

}  // namespace crosstrace
