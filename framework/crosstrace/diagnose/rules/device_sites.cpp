// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/graph_walk.h>
#include <crosstrace/diagnose/rules/device_sites.h>
#include <crosstrace/operators/operator_info.h>
#include <torch/csrc/jit/ir/constants.h>

#include <set>

namespace crosstrace::rules {
namespace {

namespace jit = torch::jit;

bool is_none(const jit::Value& value) { return value.type()->kind() == c10::TypeKind::NoneType; }

/// The name, if LibTorch knows it.
std::optional<std::string> device_name(const std::string& name) {
  try {
    return c10::Device(name).str();
  } catch (const c10::Error&) {
    return std::nullopt;
  }
}

/// `torch.device("cuda:1")` or `torch.device("cuda", 1)`, of constants.
std::optional<std::string> constructed_device(const jit::Node& node) {
  const auto name = node.inputs().empty() ? std::nullopt : jit::toIValue(node.input(0));
  if (!name || !name->isString()) return std::nullopt;
  if (node.inputs().size() == 1) return device_name(name->toStringRef());
  const auto index = jit::toIValue(node.input(1));
  if (!index || !index->isInt()) return std::nullopt;
  return device_name(name->toStringRef() + ":" + std::to_string(index->toInt()));
}

/// The device that a value is whatever the inputs are: a constant, `torch.device("cpu")`, or what
/// a branch may choose.
/// @param seen values that were looked at: chains of branches meet again and again.
std::optional<std::string> literal_device(const jit::Value& value,
                                          std::set<const jit::Value*>& seen) {
  if (!seen.insert(&value).second) return std::nullopt;
  const jit::Node& node = *value.node();
  if (node.kind() == c10::prim::Constant) {
    const auto constant = jit::toIValue(&value);
    if (constant && constant->isDevice()) return constant->toDevice().str();
    return std::nullopt;
  }
  if (node.kind() == c10::aten::device) return constructed_device(node);
  if (node.kind() == c10::prim::If) {
    for (const jit::Block* block : node.blocks()) {
      auto chosen = literal_device(*block->outputs()[value.offset()], seen);
      if (chosen) return chosen;
    }
  }
  return std::nullopt;
}

bool is_transfer(const OperatorInfo& info) {
  return info.base == "to" || info.base == "_to_copy" || info.placement == ResultPlacement::kCpu ||
         info.placement == ResultPlacement::kCuda;
}

}  // namespace

std::optional<DeviceSite> device_site(const jit::Node& node) {
  if (node.kind() == c10::prim::NumToTensor) return DeviceSite{Site::kFactory, std::nullopt, true};
  const jit::Operator* op = node.kind().is_prim() ? nullptr : node.maybeOperator();
  if (op == nullptr || op->schema().is_vararg()) return std::nullopt;
  thread_local OperatorInfos infos;
  const OperatorInfo& info = infos.of(*op);
  DeviceSite site{is_transfer(info) ? Site::kTransfer : Site::kFactory, std::nullopt, false};
  switch (info.placement) {
    case ResultPlacement::kCpu:
      site.literal = "cpu";
      return site;
    case ResultPlacement::kCuda:
      site.literal = "cuda";
      return site;
    case ResultPlacement::kFactory:
    case ResultPlacement::kLike: {
      const jit::Value& device = *node.input(*info.device);
      std::set<const jit::Value*> seen;
      site.literal = literal_device(device, seen);
      site.is_implicit_cpu = info.placement == ResultPlacement::kFactory && is_none(device);
      return site;
    }
    default:
      return std::nullopt;
  }
}

void for_each_seen_node(const Program& program,
                        const std::function<void(const InlinedMethod&, jit::Node&)>& visit) {
  for (const InlinedMethod& method : program.methods()) {
    if (method.reached) continue;
    for_each_node(*method.graph->block(), [&](jit::Node& node) { visit(method, node); });
  }
}

}  // namespace crosstrace::rules
