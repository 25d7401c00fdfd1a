// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Gives every node that LibTorch's tracer records the lines of C++ that made it.
///
///     crosstrace::SourceRecorder recorder;
///     auto state = torch::jit::tracer::trace(...);  // Calls recorder.start(), then the model.
///     recorder.name_sources(*state.first->graph);
#pragma once

#include <crosstrace/export/call_stack.h>
#include <torch/csrc/jit/ir/ir.h>

#include <functional>
#include <map>
#include <memory>
#include <unordered_map>

namespace crosstrace {

/// From `start()` to the end of that trace, the nodes that this thread records keep their call
/// stack, at a few us a node. Takes LibTorch's one hook for sources and leaves it taken, since
/// LibTorch does not tell who had it before; in C++ nobody does.
class SourceRecorder {
 public:
  /// @param on_node is told each node of the trace when it is recorded, before its operator runs.
  explicit SourceRecorder(std::function<void(torch::jit::Node&)> on_node = {});
  ~SourceRecorder();
  SourceRecorder(const SourceRecorder&) = delete;
  SourceRecorder& operator=(const SourceRecorder&) = delete;

  /// To be called within the trace, before the model. Frames further out than `frame`, which
  /// `__builtin_frame_address(0)` gives, are not the model's.
  void start(const void* frame);

  /// Turns call stacks into sources of the form that Python's tracer writes, so that LibTorch's own
  /// messages and archives keep them: `model.cpp(14): Net::forward`, innermost first, a line a
  /// frame. Nodes that no line of an author's made have no source.
  void name_sources(torch::jit::Graph& graph) const;

 private:
  static void record(torch::jit::Node* node);

  std::function<void(torch::jit::Node&)> on_node_;
  const void* outermost_ = nullptr;
  std::map<CallStack, torch::jit::SourceRange> stacks_;
};

}  // namespace crosstrace
