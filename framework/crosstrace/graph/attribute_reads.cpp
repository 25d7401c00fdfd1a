// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/graph_walk.h>
#include <crosstrace/graph/attribute_reads.h>
#include <torch/csrc/jit/ir/alias_analysis.h>

#include <algorithm>
#include <map>
#include <memory>

namespace crosstrace {
namespace {

namespace jit = torch::jit;

bool is_read(const jit::Node& node, const c10::ClassTypePtr& type, const std::string& name) {
  return node.kind() == c10::prim::GetAttr && node.input()->type().get() == type.get() &&
         node.s(c10::attr::name) == name;
}

}  // namespace

std::vector<Read> reads_of(const Program& program, const c10::ClassTypePtr& type,
                           const std::string& name) {
  std::vector<Read> reads;
  for (const InlinedMethod& method : program.methods()) {
    for_each_node(*method.graph->block(), [&](jit::Node& node) {
      if (is_read(node, type, name)) reads.push_back({&method, &node});
    });
  }
  return reads;
}

bool is_written(const std::vector<Read>& reads) {
  std::map<jit::Graph*, std::unique_ptr<jit::AliasDb>> known;
  return std::any_of(reads.begin(), reads.end(), [&](const Read& read) {
    jit::Graph* graph = read.node->owningGraph();
    auto& aliases = known[graph];
    if (!aliases) aliases = std::make_unique<jit::AliasDb>(graph->shared_from_this());
    return aliases->hasWriters(read.node->output());
  });
}

}  // namespace crosstrace
