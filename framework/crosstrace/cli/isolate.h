// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Cells run by other processes, so that none can take the report with it.
///
///     crosstrace::CellProcesses processes({}, model, crosstrace::Isolation::kWorker,
///                                         std::chrono::seconds(60));
///     const auto cells = crosstrace::plan_cells(model, {"cpu", "sim:0"}, {}, processes.whereabouts({"cpu", "sim:0"}));
///     const crosstrace::Report report = processes.run({"cpu", "sim:0"}, cells, {});
#pragma once

#include <crosstrace/cli/child_process.h>
#include <crosstrace/cli/isolation.h>
#include <crosstrace/cli/worker.h>
#include <crosstrace/matrix/run.h>
#include <crosstrace/report/report.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace crosstrace {

/// Forks a process that runs cells, and when one kills it, or leaves it unfit for others, one that
/// runs those that are left. This process itself runs nothing, looks at no device and starts no
/// thread, so that it can fork at any time. What a process has made (exports, references) its next
/// cell uses.
class CellProcesses {
 public:
  /// @param model an archive. @param limit of a cell, unless there is no isolation: then there is no
  /// limit, and a device that a cell has lost stays lost.
  CellProcesses(const RunOptions& options, const Model& model, Isolation isolation,
                std::chrono::seconds limit);

  /// `Session::whereabouts`; what reading the file tells if a run of the archive dies.
  /// @param devices that may be asked for. @throws as ChildProcess does.
  Whereabouts whereabouts(const std::vector<std::string>& devices);

  /// Like `run_cells` and `make_report`; of the events all but the results are told. A process that dies, or ends without a result, makes the cell
  /// that ran `crashed`, one that takes longer than the limit is killed and its cell a `timeout`.
  /// @throws as ChildProcess does.
  Report run(const std::vector<std::string>& devices, const std::vector<CellId>& cells,
             const RunEvents& events);

 private:
  class Run;

  std::unique_ptr<ChildProcess> fork_one() const;
  std::unique_ptr<ChildProcess> take();  ///< The one that waits, else a new one.
  void prepare_next();
  ChildProcess::Deadline deadline(std::chrono::steady_clock::time_point start) const;

  RunOptions options_;
  const Model& model_;
  Isolation isolation_;
  std::chrono::seconds limit_;
  std::unique_ptr<ChildProcess> waiting_;
};

}  // namespace crosstrace
