// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// A model becomes a `torch::jit::Module`.
///
///     const crosstrace::Model model = crosstrace::ModelBuilder("Double", {"double.cpp", 1})
///                                         .function([](at::Tensor x) { return 2 * x; })
///                                         .inputs([] { return at::rand({3}); })
///                                         .build();
///     const auto traced = crosstrace::export_model(model, crosstrace::ExportKind::kTrace, "sim:0");
///     torch::jit::Module moved = traced.load(c10::kCPU);
///     std::cout << moved.forward({at::ones({3})}).toTensor().sum().item<float>();  // prints 6
#pragma once

#include <c10/core/Device.h>
#include <crosstrace/archive/archive.h>
#include <crosstrace/models/model.h>
#include <torch/csrc/jit/api/module.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace crosstrace {

class SavedModule;

/// What a model was exported to.
class Export {
 public:
  /// A module made in this process: a trace or a script. Saved at once (saved_module.h), which waits
  /// for the device of its tensors.
  /// @param captured see `captured()`.
  explicit Export(const torch::jit::Module& module, std::vector<at::Tensor> captured = {});

  /// An archive that exists.
  /// @param stand_ins see `Archive::load`.
  /// @throws std::runtime_error naming the file, if it cannot be read.
  explicit Export(const Archive& archive, StandIns stand_ins = {});

  /// A module of its own, where the export is, sharing no tensor, constants included, no optimised
  /// graph and no CompilationUnit with any other. A module made here is copied where it is, without
  /// waiting; an archive is loaded.
  /// @throws c10::Error if an archive cannot be loaded to where it was saved.
  torch::jit::Module copy() const;

  /// `torch::jit::load(archive, device)`.
  /// @throws as `Archive::load` does.
  torch::jit::Module load(c10::Device device) const;

  /// The one that was made in this process, for those who call it never and write nothing; null for
  /// an archive.
  const torch::jit::Module* module() const noexcept { return module_ ? &*module_ : nullptr; }

  /// Of a trace: the tensors that forward uses and that no module has registered. The model that was
  /// traced goes on using them, and so does every other that shares them with it, as lambdas do.
  const std::vector<at::Tensor>& captured() const noexcept { return captured_; }

 private:
  std::optional<torch::jit::Module> module_;
  std::vector<at::Tensor> captured_;
  std::shared_ptr<SavedModule> saved_;  ///< The archive that the module makes.
  std::optional<Archive> archive_;
  StandIns stand_ins_;
};

/// The exports that a model can have: a trace and, if it has source, a script; or its archive.
std::vector<ExportKind> export_kinds(const Model& model);

/// Makes the model afresh with LibTorch's generators seeded with `seed`, moves it to `trace_device`
/// and exports it there. An archive is taken as it is. Runs in evaluation mode, and without autograd
/// unless forward needs it (autograd.h).
/// @throws what the factory, forward or LibTorch throws.
Export export_model(const Model& model, ExportKind kind, const std::string& trace_device,
                    std::uint64_t seed = 0);

/// The model as its author wrote it, in evaluation mode on the CPU: the eager module or function;
/// without one, and for a method other than forward, the script. Seeds as `export_model` does.
/// @throws what the factory throws; torch::jit::ErrorReport for a script that does not compile.
EagerModel make_eager(const Model& model, std::uint64_t seed = 0);

/// The arguments of input set `set`, counted from 0, as the generator makes them: on the CPU. Their
/// tensors are copies. Seeds as `export_model` does.
/// @throws std::out_of_range if there is no such set; else what the generator throws.
Inputs make_inputs(const Model& model, std::size_t set, std::uint64_t seed = 0);

}  // namespace crosstrace
