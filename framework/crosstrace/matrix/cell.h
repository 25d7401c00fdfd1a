// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// One cell of the matrix, at work.
///
///     crosstrace::Session session({.seed = 0});
///     crosstrace::Cell cell(session, model, {"Classifier", crosstrace::ExportKind::kTrace, "cpu",
///                                            crosstrace::Transfer::kTo, "sim:0"});
///     crosstrace::CellResult result = cell.run();
#pragma once

#include <ATen/core/ivalue.h>
#include <crosstrace/matrix/cell_result.h>
#include <crosstrace/matrix/session.h>
#include <crosstrace/models/model.h>
#include <torch/csrc/jit/api/module.h>

#include <cstddef>
#include <optional>

namespace crosstrace {

/// References to `session` and `model` must outlive it.
class Cell {
 public:
  Cell(Session& session, const Model& model, CellId id)
      : session_(session), model_(model), id_(std::move(id)) {}

  const CellId& id() const noexcept { return id_; }
  const Model& model() const noexcept { return model_; }

  /// The export, brought to the run device as the cell says; made at the first call.
  /// @throws std::runtime_error with one line first, if the export or the transfer failed.
  torch::jit::Module& module();

  /// A fresh copy of the arguments of input set `set`, on the run device.
  Inputs inputs(std::size_t set = 0) const { return inputs_on(id_.run_device, set); }

  /// The export and the arguments as they would be in a cell of another run device; made at every
  /// call.
  /// @throws std::runtime_error with one line first, if the export or the transfer failed.
  torch::jit::Module module_on(const std::string& device) const;
  Inputs inputs_on(const std::string& device, std::size_t set = 0) const;

  /// Calls forward once: without autograd, LibTorch's generators seeded as for the reference. Does
  /// not synchronise.
  /// @throws what forward throws.
  c10::IValue call(const Inputs& inputs);

  /// What the model answers on the CPU to `inputs(set)`.
  /// @throws std::runtime_error if there is no reference.
  const c10::IValue& reference(std::size_t set = 0);

  /// Runs every input set several times and compares each answer with the reference. Never throws;
  /// a signal on this thread is a verdict too. If it fails, says at which operator and why, as far
  /// as that can be told. Synchronises with the run device.
  CellResult run();

 private:
  void evaluate(CellResult& result);
  void judge(CellResult& result);
  void explain_failure(CellResult& result, std::size_t set) const;
  void apply_expectation(CellResult& result) const;

  Session& session_;
  const Model& model_;
  CellId id_;
  std::optional<torch::jit::Module> module_;
};

}  // namespace crosstrace
