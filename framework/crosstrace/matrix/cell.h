// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// One cell of the matrix, at work.
///
///     const crosstrace::Model model = crosstrace::ModelBuilder("Double", {"double.cpp", 1})
///                                         .function([](at::Tensor x) { return 2 * x; })
///                                         .inputs([] { return at::rand({3}); })
///                                         .build();
///     crosstrace::Session session({.seed = 0});
///     crosstrace::Cell cell(session, model, {"Double", crosstrace::ExportKind::kTrace, "cpu",
///                                            crosstrace::Transfer::kTo, "sim:0"});
///     std::cout << crosstrace::to_string(cell.run().verdict) << '\n';  // prints match
#pragma once

#include <ATen/core/ivalue.h>
#include <crosstrace/devices/precision.h>
#include <crosstrace/matrix/cell_result.h>
#include <crosstrace/matrix/session.h>
#include <crosstrace/models/model.h>
#include <torch/csrc/jit/api/module.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace torch::jit {
struct Graph;
}

namespace crosstrace {

struct FailedCell;

/// References to `session` and `model` must outlive it. Making one runs nothing. Input sets are
/// counted from 0. For one thread, as the session is.
class Cell {
 public:
  /// @param model of the cell's method: one of `methods_of`.
  /// @throws std::invalid_argument if it is of another.
  Cell(Session& session, const Model& model, CellId id);

  const CellId& id() const noexcept { return id_; }
  const Model& model() const noexcept { return model_; }

  /// Why the cell cannot run here, as `why_not_runnable` in availability.h says; for an archive
  /// also if it is not there and its maker said why, and if a device was lost that it has to be
  /// loaded from, or that its reference is still to be made on. Probes those devices.
  std::optional<Failure> why_not_runnable() const;

  /// The export, brought to the run device as the cell says; made at the first call.
  /// @throws std::runtime_error with one line first, if the export or the transfer failed.
  torch::jit::Module& module();

  /// Whether a call may write into its arguments, as far as the export's graphs tell.
  bool may_write_arguments();

  /// A fresh copy of the arguments of input set `set`, on the run device.
  /// @throws std::out_of_range if there is no such set; else what the generator or the copy throws.
  Inputs inputs(std::size_t set = 0) const { return inputs_on(id_.run_device, set); }

  /// The export and the arguments as they would be in a cell of another run device: at every call a
  /// program that was never run, with weights that others share (placed_export.h), and copies of the
  /// arguments. Where the precision is not `kAsExported`, operators that carry a flag for TF32 carry
  /// that of the precision; LibTorch's flags are up to who calls.
  /// @throws std::runtime_error with one line first, if the export or the transfer failed.
  torch::jit::Module module_on(const std::string& device) const;
  torch::jit::Module module_on(const std::string& device, Precision precision) const;

  /// That of which `module_on` gives copies: who holds it can make several without another move or
  /// load.
  std::shared_ptr<const PlacedExport> placed_on(const std::string& device) const;
  Inputs inputs_on(const std::string& device, std::size_t set = 0) const;

  /// Calls the cell's method once: in the model's precision, without autograd unless the method
  /// differentiates itself, LibTorch's generators seeded as for the reference. Does not synchronise.
  /// @throws what the method throws.
  c10::IValue call(const Inputs& inputs);

  /// What the model answers on the CPU, and an archive at home, to the first call with
  /// `inputs(set)`; on the CPU, a copy.
  /// @throws std::runtime_error if there is no reference; std::out_of_range if there is no such
  /// set.
  c10::IValue reference(std::size_t set = 0);

  /// Runs every input set several times and compares each answer with the reference. Never throws;
  /// a signal on this thread is a verdict too. If it fails, says at which operator and why, as far
  /// as that can be told. Waits for all accelerators at its end: an error that comes late is this
  /// cell's, and a device that it lost is not asked again. What the model set for the whole process
  /// (process_state.h) is put back.
  CellResult run();

  /// What `run` gives: run when it is first asked for, on a copy of this cell, and kept, so that
  /// several questions cost one run.
  const CellResult& result() const;

  /// What diagnosis says of the export, for every model that exports so; nothing is called.
  /// @throws std::runtime_error if there is no export.
  const std::vector<Finding>& findings() const;

  /// The graph of the cell's method with all calls inlined, as it runs on the run device: a copy.
  /// @throws std::runtime_error with one line first, if the export or the transfer failed.
  std::shared_ptr<torch::jit::Graph> graph();

  /// How long a call with input set `set` takes on the run device, or as in a cell of another one:
  /// the median of up to 21 calls (fewer, and 3 at the least, once they took a second), wall clock,
  /// milliseconds. Three calls before them, which profile and optimise, do not count. All
  /// accelerators are waited for before and after each call.
  /// @throws std::runtime_error if the device is not available or was lost; else what a call throws.
  double latency_ms(std::size_t set = 0) const { return latency_ms_on(id_.run_device, set); }
  double latency_ms_on(const std::string& device, std::size_t set = 0) const;

 private:
  /// Why there is no export, with the model's line: exporting runs its own code, the calls after it
  /// run the export.
  std::optional<Failure> export_failure() const;
  // `cause`: what the cell failed of, alone (models/failure_cause.h).
  void evaluate(CellResult& result, std::string& cause);
  std::optional<FailedCell> judge(CellResult& result, std::string& cause);
  bool settle(CellResult& result, std::string& cause) const;
  void explain_failure(CellResult& result, const FailedCell& failed) const;
  void apply_expectation(CellResult& result, const std::string& cause) const;

  Session& session_;
  const Model& model_;
  CellId id_;
  std::optional<torch::jit::Module> module_;
  bool writes_arguments_ = true;  ///< A call of `module_` may.
  mutable std::optional<CellResult> result_;
};

}  // namespace crosstrace
