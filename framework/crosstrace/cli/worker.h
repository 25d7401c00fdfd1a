// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// A process that runs cells for another one (isolate.h), and what the two say to each other.
///
/// A message is a word and, behind a blank or a newline, what it is about. Asked:
///
///     whereabouts DEVICE...
///                       where the archive is at home; looks at those devices first
///     run\nREPORT       runs the cells of a report that has neither verdicts nor states of devices
///     finish\nREPORT    looks at the devices, and for what `inspect` says of the exports of the cells,
///                       where a process died that would have
///
/// Answered:
///
///     whereabouts HOME DEVICE STAND-IN...
///     begins I          the Ith cell of the request, from 0; then of the same
///     does TEXT         a step that takes its time
///     ends I\nREPORT    the cell, and findings that were not told before
///     done\nREPORT      the devices, and findings that were not told before
///     leaves            this process is not fit for more cells; others have to run them
///     failed TEXT       an exception that is no cell's
#pragma once

#include <crosstrace/cli/message_socket.h>
#include <crosstrace/matrix/archive_home.h>
#include <crosstrace/matrix/run_options.h>
#include <crosstrace/models/model.h>

#include <string>
#include <string_view>

namespace crosstrace {

/// What a process is told when it is forked.
struct WorkerTask {
  const RunOptions& options;
  const Model& model;
  bool leaves_lost_devices;  ///< For a process that has not lost them.
};

/// Answers what it is asked until nobody can ask any more, or it is not fit for more: a crash was
/// survived, or a device was lost.
void work_for(MessageSocket& parent, const WorkerTask& task);

/// `ends 3\n{...}` taken apart.
struct Message {
  std::string_view word;
  std::string_view rest;  ///< On the first line.
  std::string_view body;  ///< Behind it.
};
Message parse_message(std::string_view text);

Whereabouts parse_whereabouts(std::string_view words);

}  // namespace crosstrace
