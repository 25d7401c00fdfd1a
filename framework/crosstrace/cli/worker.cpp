// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/one_line.h>
#include <crosstrace/base/signal_guard.h>
#include <crosstrace/cli/worker.h>
#include <crosstrace/devices/discovery.h>
#include <crosstrace/matrix/crash_guard.h>
#include <crosstrace/matrix/run.h>
#include <crosstrace/models/registry.h>
#include <crosstrace/report/json.h>
#include <crosstrace/report/make_report.h>
#include <crosstrace/report/read_json.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <set>
#include <sstream>
#include <vector>

namespace crosstrace {
namespace {

/// `cuda:0 cuda:0 sim:0`: the home, then each device with its stand-in.
std::string written(const Whereabouts& found) {
  std::string text = found.home;
  for (const auto& [device, twin] : found.stand_ins) text += " " + device + " " + twin;
  return text;
}

std::vector<std::string> names_of(const std::vector<DeviceInfo>& devices) {
  std::vector<std::string> names;
  for (const DeviceInfo& device : devices) names.push_back(device.name);
  return names;
}

bool has_lost_one(const CellId& id) {
  const std::vector<std::string> devices = id.needed_devices();
  return std::any_of(devices.begin(), devices.end(), [](const std::string& name) {
    return probe_device(name).state == DeviceState::kLost;
  });
}

std::vector<std::string> words_of(std::string_view text) {
  std::istringstream words{std::string(text)};
  return {std::istream_iterator<std::string>(words), {}};
}

class Worker {
 public:
  Worker(MessageSocket& parent, const WorkerTask& task) : parent_(parent), task_(task) {}

  void answer(const Message& request) {
    if (request.word == "whereabouts") return tell_whereabouts(words_of(request.rest));
    const Report asked = report_from_json(std::string(request.body));
    request.word == "run" ? run(asked) : finish(asked);
  }

 private:
  void tell_whereabouts(const std::vector<std::string>& devices) {
    probe_devices(devices);
    tell("whereabouts " + written(Session(task_.options).whereabouts(task_.model)));
  }

  void run(const Report& asked) {
    std::vector<CellId> cells;
    for (const CellResult& cell : asked.cells) cells.push_back(cell.id);
    const auto number = [&](const CellId& id) {
      return std::to_string(std::find(cells.begin(), cells.end(), id) - cells.begin());
    };
    RunEvents events;
    events.before_cell = [&](const CellId& id) { tell("begins " + number(id)); };
    events.on_step = [&](const std::string& step) { tell("does " + first_line(step)); };
    events.after_cell = [&](const CellResult& cell, const std::vector<Finding>& findings) {
      const Report report = make_report({}, {{cell}, news_of(findings)});
      tell("ends " + number(cell.id) + "\n" + to_json(report));
      leave_if_unfit(cell.id);
    };
    tell_devices(asked, run_cells(task_.options, cells, events).findings);
  }

  void finish(const Report& asked) {
    Session session(task_.options);
    for (const CellResult& cell : asked.cells) {
      const Model& model = *Registry::instance().find(cell.id);
      (void)guarded([&] { (void)session.diagnosis(model, cell.id, {}); });
    }
    tell_devices(asked, session.findings());
  }

  void tell_devices(const Report& asked, const std::vector<Finding>& findings) {
    Report report = make_report(probe_devices(names_of(asked.devices)), {});
    report.findings = news_of(findings);
    tell("done\n" + to_json(report));
  }

  /// What models have printed must not die with this process.
  void tell(const std::string& message) {
    std::cout.flush();
    std::fflush(nullptr);
    parent_.send(message);
  }

  std::vector<Finding> news_of(const std::vector<Finding>& findings) {
    std::vector<Finding> news;
    for (const Finding& finding : findings) {
      if (told_.insert(finding.id).second) news.push_back(finding);
    }
    return news;
  }

  /// At once, and without a word to destructors: memory may be spoiled.
  void leave_if_unfit(const CellId& id) {
    if (survived_crashes() == 0 && !(task_.leaves_lost_devices && has_lost_one(id))) return;
    tell("leaves");
    _exit(0);
  }

  MessageSocket& parent_;
  const WorkerTask& task_;
  std::set<std::string> told_;  // Ids of findings.
};

}  // namespace

void work_for(MessageSocket& parent, const WorkerTask& task) {
  Worker worker(parent, task);
  while (const auto request = parent.wait()) {
    try {
      worker.answer(parse_message(*request));
    } catch (const std::exception& error) {
      parent.send("failed " + one_line(error));
      return;
    }
  }
}

Message parse_message(std::string_view text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  const std::size_t blank = std::min(line.find(' '), line.size());
  return {line.substr(0, blank), line.substr(std::min(blank + 1, line.size())),
          text.substr(std::min(line.size() + 1, text.size()))};
}

Whereabouts parse_whereabouts(std::string_view text) {
  std::istringstream words{std::string(text)};
  Whereabouts found;
  words >> found.home;
  for (std::string device, twin; words >> device >> twin;) found.stand_ins[device] = twin;
  return found;
}

}  // namespace crosstrace
