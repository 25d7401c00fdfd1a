// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/cli/isolate.h>
#include <crosstrace/matrix/crash_guard.h>
#include <crosstrace/report/json.h>
#include <crosstrace/report/make_report.h>
#include <crosstrace/report/read_json.h>
#include <signal.h>

#include <algorithm>
#include <optional>

namespace crosstrace {
namespace {

using Clock = std::chrono::steady_clock;

/// `crashed: SIGSEGV (Segmentation fault) at address 0x10 in Net::forward; its process ended`
std::string describe(const Ending& ending) {
  if (ending.signal == 0) {
    return "its process ended without a result, with exit code " + std::to_string(ending.exit_code);
  }
  const bool is_reported =
      ending.crash && (ending.signal == ending.crash->signal || ending.signal == SIGALRM);
  if (is_reported) return "crashed: " + describe_crash(*ending.crash) + "; its process ended";
  return "its process died of " + describe_signal(ending.signal) +
         (ending.signal == SIGKILL ? ", which is how the system ends what takes too much memory"
                                   : "");
}

/// Every process that diagnoses an export finds the same under the same ids.
void add_new(std::vector<Finding>& findings, std::vector<Finding> more) {
  for (Finding& finding : more) {
    const bool known = std::any_of(findings.begin(), findings.end(),
                                   [&](const Finding& other) { return other.id == finding.id; });
    if (!known) findings.push_back(std::move(finding));
  }
}

std::size_t number_in(const Message& message) { return std::stoul(std::string(message.rest)); }

}  // namespace

/// The cells of one `run`, and what is known of them.
class CellProcesses::Run {
 public:
  Run(CellProcesses& processes, const std::vector<std::string>& devices,
      const std::vector<CellId>& cells, const RunEvents& events)
      : processes_(processes), cells_(cells), events_(events), results_(cells.size()) {
    for (const std::string& name : devices) devices_.push_back({name});
  }

  Report report() {
    for (asked_ = open_cells(); !asked_.empty(); asked_ = open_cells()) run_in_one_process();
    if (!knows_devices_) finish();
    MatrixResult all;
    for (auto& result : results_) all.cells.push_back(*std::move(result));
    all.findings = std::move(findings_);
    return make_report(std::move(devices_), std::move(all));
  }

 private:
  bool takes_one_cell() const { return processes_.isolation_ == Isolation::kCell; }

  /// Those that a process is asked for.
  std::vector<std::size_t> open_cells() const {
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < results_.size(); ++i) {
      if (results_[i]) continue;
      open.push_back(i);
      if (takes_one_cell()) break;
    }
    return open;
  }

  std::string request(const std::string& word, const std::vector<std::size_t>& cells,
                      std::vector<DeviceInfo> devices) const {
    MatrixResult asked;
    for (const std::size_t i : cells) asked.cells.emplace_back().id = cells_[i];
    return word + "\n" + to_json(make_report(std::move(devices), std::move(asked)));
  }

  /// Runs cells until none is left that was asked for, or the process is no more.
  void run_in_one_process() {
    const auto process = processes_.take();
    running_ = last_ = std::nullopt;
    // Of one cell's devices it need not know others.
    process->parent_end().send(
        request("run", asked_, takes_one_cell() ? std::vector<DeviceInfo>() : devices_));
    processes_.prepare_next();
    since_ = Clock::now();
    while (true) {
      const ChildProcess::Received received = process->receive(processes_.deadline(since_));
      if (received.what == ChildProcess::Received::kTooLate) return settle_timeout();
      if (received.what == ChildProcess::Received::kEnded) return settle_end(process->end());
      if (!take(parse_message(received.text))) return;
    }
  }

  /// @returns whether more is to come.
  bool take(const Message& message) {
    if (message.word == "begins") {
      running_ = asked_.at(number_in(message));
      since_ = Clock::now();
      if (events_.before_cell) events_.before_cell(cells_[*running_]);
    } else if (message.word == "does") {
      if (events_.on_step) events_.on_step(std::string(message.rest));
    } else if (message.word == "ends") {
      Report report = report_from_json(std::string(message.body));
      last_ = asked_.at(number_in(message));
      running_ = std::nullopt;
      since_ = Clock::now();
      results_[*last_] = std::move(report.cells.at(0));
      add_new(findings_, std::move(report.findings));
    } else if (message.word == "done") {
      take_rest(message);
      return false;
    } else if (message.word == "failed") {
      settle(culprit(), Verdict::kError, std::string(message.rest));
      return false;
    }
    return message.word != "leaves";
  }

  void take_rest(const Message& message) {
    Report report = report_from_json(std::string(message.body));
    add_new(findings_, std::move(report.findings));
    knows_findings_ = true;
    if (report.devices.empty()) return;
    devices_ = std::move(report.devices);
    knows_devices_ = true;
  }

  /// The cell that a process died of: what it ran, else the last that ended there, whose work may
  /// have been going on, else the first that it was to run.
  std::size_t culprit() const {
    if (running_) return *running_;
    return last_ ? *last_ : asked_.front();
  }

  void settle(std::size_t cell, Verdict verdict, const std::string& message) {
    std::optional<CellResult>& result = results_[cell];
    const std::string before =
        result ? "after it had ended (" + std::string(to_string(result->verdict)) + "): " : "";
    result.emplace();
    result->id = cells_[cell];
    result->verdict = verdict;
    result->message = before + message;
    result->duration_ms = std::chrono::duration<double, std::milli>(Clock::now() - since_).count();
  }

  void settle_timeout() {
    const std::vector<std::size_t> open = open_cells();
    if (open.empty()) return;  // Of no cell's time, and finish() has another try.
    settle(running_.value_or(open.front()), Verdict::kTimeout,
           "still running after " + std::to_string(processes_.limit_.count()) + " s; killed");
  }

  void settle_end(const Ending& ending) { settle(culprit(), Verdict::kCrashed, describe(ending)); }

  /// What the last process would have told, had it lived.
  void finish() {
    std::vector<std::size_t> ran;
    for (std::size_t i = 0; i < results_.size() && !knows_findings_; ++i) {
      if (results_[i]->verdict != Verdict::kSkipped) ran.push_back(i);
    }
    for (const auto& cells : {ran, {}}) {
      const auto process = processes_.take();
      process->parent_end().send(request("finish", cells, devices_));
      const ChildProcess::Received received = process->receive(processes_.deadline(Clock::now()));
      if (received.what != ChildProcess::Received::kMessage) continue;
      const Message message = parse_message(received.text);
      if (message.word == "done") return take_rest(message);
    }
    for (DeviceInfo& device : devices_) {
      device.state = DeviceState::kBroken;
      device.reason = "the process that looked at the devices died";
    }
  }

  CellProcesses& processes_;
  const std::vector<CellId>& cells_;
  const RunEvents& events_;
  std::vector<std::optional<CellResult>> results_;
  std::vector<DeviceInfo> devices_;
  std::vector<Finding> findings_;
  bool knows_devices_ = false;
  bool knows_findings_ = false;

  // Of the process that works.
  std::vector<std::size_t> asked_;
  std::optional<std::size_t> running_;
  std::optional<std::size_t> last_;
  Clock::time_point since_;  ///< When its cell began, or the one before ended.
};

CellProcesses::CellProcesses(const RunOptions& options, const Model& model, Isolation isolation,
                             std::chrono::seconds limit)
    : options_(options), model_(model), isolation_(isolation), limit_(limit) {}

std::unique_ptr<ChildProcess> CellProcesses::fork_one() const {
  return std::make_unique<ChildProcess>([this](MessageSocket& parent) {
    work_for(parent, {options_, model_, isolation_ != Isolation::kNone});
  });
}

std::unique_ptr<ChildProcess> CellProcesses::take() {
  return waiting_ ? std::move(waiting_) : fork_one();
}

void CellProcesses::prepare_next() {
  if (isolation_ != Isolation::kNone && !waiting_) waiting_ = fork_one();
}

ChildProcess::Deadline CellProcesses::deadline(Clock::time_point start) const {
  if (isolation_ == Isolation::kNone) return std::nullopt;
  return start + limit_;
}

Whereabouts CellProcesses::whereabouts(const std::vector<std::string>& devices) {
  waiting_ = take();
  std::string request = "whereabouts";
  for (const std::string& name : devices) request += " " + name;
  waiting_->parent_end().send(request);
  const ChildProcess::Received received = waiting_->receive(deadline(Clock::now()));
  if (received.what == ChildProcess::Received::kMessage) {
    const Message message = parse_message(received.text);
    if (message.word == "whereabouts") return parse_whereabouts(message.rest);
  }
  waiting_.reset();
  return {model_.archive.value().home(), {}};
}

Report CellProcesses::run(const std::vector<std::string>& devices, const std::vector<CellId>& cells,
                          const RunEvents& events) {
  return Run(*this, devices, cells, events).report();
}

}  // namespace crosstrace
