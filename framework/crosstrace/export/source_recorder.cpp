// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/export/source_recorder.h>
#include <torch/csrc/jit/frontend/tracer.h>

namespace crosstrace {
namespace {

using torch::jit::Source;
using torch::jit::SourceRange;

// The recorder of the trace that this thread is in. A crash that matrix/crash_guard.h survives
// leaves them behind, so they count only while that very trace is going on.
thread_local SourceRecorder* t_recorder = nullptr;
thread_local std::weak_ptr<torch::jit::tracer::TracingState> t_trace;

bool is_recording() {
  const auto& current = torch::jit::tracer::getTracingState();
  return t_recorder != nullptr && current != nullptr && t_trace.lock() == current;
}

std::string describe(const Frame& frame) {
  if (frame.file.empty()) return frame.function + "\n";
  const std::string line = frame.file + "(" + std::to_string(frame.line) + ")";
  return frame.function.empty() ? line + "\n" : line + ": " + frame.function + "\n";
}

SourceRange name(const CallStack& stack) {
  const std::vector<Frame> frames = author_frames(stack);
  if (frames.empty()) return {};
  std::string text;
  for (const Frame& frame : frames) text += describe(frame);
  std::optional<std::string> file;
  if (!frames.front().file.empty()) file = frames.front().file;
  return {std::make_shared<Source>(text, file, frames.front().line), 0, text.size()};
}

using Names = std::unordered_map<const Source*, SourceRange>;

void rename(torch::jit::Block& block, const Names& names) {
  for (torch::jit::Node* node : block.nodes()) {
    const auto found = names.find(node->sourceRange().source().get());
    if (found != names.end()) node->setSourceRange(found->second);
    for (torch::jit::Block* inner : node->blocks()) rename(*inner, names);
  }
}

}  // namespace

SourceRecorder::SourceRecorder(std::function<void(torch::jit::Node&)> on_node)
    : on_node_(std::move(on_node)) {
  torch::jit::tracer::setRecordSourceLocation(&SourceRecorder::record);
}

SourceRecorder::~SourceRecorder() {
  if (t_recorder == this) t_recorder = nullptr;
}

void SourceRecorder::start(const void* frame) {
  outermost_ = frame;
  t_recorder = this;
  t_trace = torch::jit::tracer::getTracingState();
}

void SourceRecorder::record(torch::jit::Node* node) {
  if (!is_recording()) return;
  auto [entry, is_new] = t_recorder->stacks_.try_emplace(call_stack(t_recorder->outermost_));
  if (is_new) entry->second = SourceRange(std::make_shared<Source>(""), 0, 0);
  node->setSourceRange(entry->second);
  if (t_recorder->on_node_) t_recorder->on_node_(*node);
}

void SourceRecorder::name_sources(torch::jit::Graph& graph) const {
  Names names;
  for (const auto& [stack, placeholder] : stacks_)
    names.emplace(placeholder.source().get(), name(stack));
  rename(*graph.block(), names);
}

}  // namespace crosstrace
