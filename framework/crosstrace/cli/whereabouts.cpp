// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/cli/child_process.h>
#include <crosstrace/cli/whereabouts.h>

#include <sstream>

namespace crosstrace {
namespace {

/// `cuda:0 cuda:0 sim:0`: the home, then each device with its stand-in.
std::string written(const Whereabouts& found) {
  std::string text = found.home;
  for (const auto& [device, twin] : found.stand_ins) text += " " + device + " " + twin;
  return text;
}

Whereabouts read(const std::string& text) {
  std::istringstream words(text);
  Whereabouts found;
  words >> found.home;
  for (std::string device, twin; words >> device >> twin;) found.stand_ins[device] = twin;
  return found;
}

}  // namespace

Whereabouts whereabouts_from_child(const Model& model, const RunOptions& options,
                                   std::chrono::seconds limit) {
  const ChildResult child =
      run_in_child([&] { return written(Session(options).whereabouts(model)); }, limit);
  if (child.how == ChildResult::kReturned && !child.output.empty()) return read(child.output);
  return {model.archive.value().home(), {}};
}

}  // namespace crosstrace
