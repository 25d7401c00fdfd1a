// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What all cells of a run share: exports and references are made once, inputs are drawn once, and
/// weights are brought to a device once while its cells run.
///
///     const crosstrace::Model model = crosstrace::ModelBuilder("Double", {"double.cpp", 1})
///                                         .function([](at::Tensor x) { return 2 * x; })
///                                         .inputs([] { return at::rand({3}); })
///                                         .build();
///     crosstrace::Session session({.runs = 5});
///     const crosstrace::Reference& reference = session.reference(model);
///     std::cout << reference.outputs.front().size() << " answers\n";  // prints 5 answers
#pragma once

#include <crosstrace/compare/evidence.h>
#include <crosstrace/diagnose/diagnosis.h>
#include <crosstrace/export/export.h>
#include <crosstrace/matrix/archive_home.h>
#include <crosstrace/matrix/cell_result.h>
#include <crosstrace/matrix/placements.h>
#include <crosstrace/matrix/reference.h>
#include <crosstrace/matrix/run_options.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace crosstrace {

/// An export or why there is none.
struct ExportResult {
  std::optional<Export> value;
  std::optional<Failure> failure;
};

/// What tells the cells of one export apart.
using TransferAndDevice = std::pair<Transfer, std::string>;

/// Where a function takes a model, it is one of `methods_of`, and what it gives is about its method;
/// exports are those of all methods. Not for use by several threads.
class Session {
 public:
  /// @throws std::invalid_argument if `options.runs` is less than 1.
  explicit Session(RunOptions options);

  const RunOptions& options() const noexcept { return options_; }

  /// The model's own precision, else that of the options.
  Precision precision(const Model& model) const noexcept {
    return model.precision.value_or(options_.precision);
  }

  /// What stands in for what in the cells of an archive; nothing for other models. Found at the
  /// first call for a model, kept from then on.
  const StandIns& stand_ins(const Model& model);

  /// Of an archive, whatever the method. Runs it only if it may be at home on several devices.
  Whereabouts whereabouts(const Model& model);

  /// Made at the first call for a model, kept from then on. An archive runs on each of its homes
  /// that are here, until one answers.
  const Reference& reference(const Model& model);

  /// Whether `reference` will run nothing any more.
  bool has_reference(const Model& model) const;

  /// The devices that an archive's tensors lie on when it is read here, stand-ins for absent ones; none
  /// for other models.
  std::vector<std::string> storage_devices(const Model& model);

  /// The arguments of input set `set` on the CPU, drawn once. Shared by all: not to be written into.
  /// @throws std::out_of_range if there is no such set; else what the generator throws.
  const Inputs& inputs(const Model& model, std::size_t set);

  /// Made at the first call for a model, kind and device, kept until it is let go. An archive is one
  /// export whatever the device.
  const ExportResult& exported(const Model& model, ExportKind kind,
                               const std::string& trace_device);

  /// The export of `cell`, with its weights on `device`: as it is, moved or loaded there. Devices take
  /// turns (placements.h).
  /// @throws std::runtime_error if there is no export; else what the move or the load throws.
  std::shared_ptr<const PlacedExport> placed(const Model& model, const CellId& cell,
                                             Transfer transfer, const std::string& device);

  /// Of an archive, where its reference is computed.
  std::shared_ptr<const PlacedExport> placed_at(const Model& model, const ArchiveHome& home);

  /// How often weights were loaded and moved so far.
  const Placements::Counts& placement_counts() const noexcept { return placements_.counts(); }

  /// Forgets the exports of the model, its references, referees and inputs; they are made anew if
  /// somebody asks. Diagnoses and findings stay.
  void let_go(const std::string& model);

  /// Forgets one export and its modules.
  void let_go_of_export(const std::string& model, ExportKind kind, const std::string& trace_device);

  /// What the export of `cell` answers in float64 to one call, numbered from 0. Made when it is
  /// first asked for, once for each export and input set, and kept.
  const Referee& referee(const Model& model, const CellId& cell, std::size_t set, int call);

  /// What TF32 does to the export that the cell runs, on its run device (precision_effect.h). `make`
  /// is called once for an export and a device: how it got there changes no number.
  const std::optional<PrecisionEffect>& as_exported(
      const Model& model, const CellId& id,
      const std::function<std::optional<PrecisionEffect>()>& make);

  /// What rules say of the export that `any_cell` runs, with predictions for `cells` of its method at
  /// the least.
  /// Made when it is first asked for, and anew only for cells that it does not predict yet; ids of
  /// findings stay the same.
  /// @throws std::runtime_error if there is no export.
  const Diagnosis& diagnosis(const Model& model, const CellId& any_cell,
                             const std::vector<TransferAndDevice>& cells);

  /// How traces of the model differ by device, sizes and dtype. Made when a cell of the model first
  /// asks for it, on its devices, the CPU and the simulated device, and kept.
  const std::vector<Finding>& trace_differences(const Model& model, const CellId& cell);

  /// `tell` is given what becomes of each cell that runs from now on.
  void on_result(std::function<void(const CellResult&)> tell) { tell_ = std::move(tell); }

  /// `tell` is given what takes its time beside the calls of cells, `the reference` or `the cause`,
  /// when it begins, and an empty text when it is done.
  void on_step(std::function<void(const std::string&)> tell) { tell_step_ = std::move(tell); }

  /// One such thing, from here to the end of the scope.
  class Step {
   public:
    Step(const Session& session, const std::string& what) : session_(session) {
      session_.tell_step(what);
    }
    ~Step() { session_.tell_step(""); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    const Session& session_;
  };

  /// For `Cell::run`.
  void tell(const CellResult& result) const {
    if (tell_) tell_(result);
  }

  /// Of every export that was diagnosed so far, one after the other, and differences of traces.
  const std::vector<Finding>& findings() const noexcept { return findings_; }

 private:
  using ModelAndMethod = std::pair<std::string, std::string>;
  using ExportKey = std::tuple<std::string, ExportKind, std::string>;
  static ExportKey key_of(const std::string& model, ExportKind kind,
                          const std::string& trace_device);
  const Export& usable_export(const Model& model, ExportKind kind, const std::string& trace_device);
  void add_findings(const std::vector<Finding>& findings);
  void tell_step(const std::string& what) const {
    if (tell_step_) tell_step_(what);
  }

  RunOptions options_;

  std::map<std::string, StandIns> stand_ins_;
  std::map<ModelAndMethod, Reference> references_;
  std::map<std::pair<ModelAndMethod, std::size_t>, Inputs> inputs_;
  std::map<ExportKey, ExportResult> exports_;
  Placements placements_;
  std::map<std::tuple<ModelAndMethod, ExportKind, std::string, std::size_t>, std::vector<Referee>>
      referees_;
  std::map<std::tuple<ModelAndMethod, ExportKind, std::string, std::string>,
           std::optional<PrecisionEffect>>
      effects_;
  std::map<std::tuple<ModelAndMethod, ExportKind, std::string>, Diagnosis> diagnoses_;
  std::map<std::string, std::vector<Finding>> differences_;
  std::vector<Finding> findings_;
  std::function<void(const CellResult&)> tell_;
  std::function<void(const std::string&)> tell_step_;
};

}  // namespace crosstrace
