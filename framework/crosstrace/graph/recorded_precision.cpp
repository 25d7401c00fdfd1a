// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/function.h>
#include <crosstrace/base/graph_walk.h>
#include <crosstrace/devices/precision.h>
#include <crosstrace/graph/recorded_precision.h>
#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/ir/constants.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace crosstrace {
namespace {

namespace jit = torch::jit;

std::optional<std::size_t> flag_position(const jit::Node& node) {
  const c10::FunctionSchema* schema = node.maybeSchema();
  const auto position =
      schema == nullptr ? std::nullopt : schema->argumentIndexWithName("allow_tf32");
  if (!position) return std::nullopt;
  return static_cast<std::size_t>(*position);
}

/// The classes of all objects that the module reaches, itself, submodules behind interfaces and
/// objects in containers included.
std::unordered_set<const c10::Type*> own_classes(const jit::Module& module) {
  std::unordered_set<const c10::Type*> classes;
  std::unordered_set<const void*> seen;
  const c10::IValue self(module._ivalue());
  self.visit([&](const c10::IValue& part) {
    if (!part.isObject()) return false;
    classes.insert(part.toObjectRef().type().get());
    return !seen.insert(&part.toObjectRef()).second;
  });
  return classes;
}

/// Graphs that a call of the module may run.
std::vector<std::shared_ptr<jit::Graph>> graphs_of(const jit::Module& module) {
  const auto unit = module._ivalue()->compilation_unit();
  const std::unordered_set<const c10::Type*> own = own_classes(module);
  std::vector<std::shared_ptr<jit::Graph>> graphs;
  for (jit::Function* function : unit->get_functions()) {
    const auto owner = unit->get_class(c10::QualifiedName(function->qualname().prefix()));
    if (owner != nullptr && owner->is_module() && own.count(owner.get()) == 0) continue;
    function->ensure_defined();
    const auto* with_graph = jit::tryToGraphFunction(*function);
    if (with_graph != nullptr) graphs.push_back(with_graph->graph());
  }
  return graphs;
}

/// Operators that ask LibTorch's flags, by the flag.
constexpr std::array kConvolutions = std::to_array<std::string_view>(
    {"aten::conv1d", "aten::conv2d", "aten::conv3d", "aten::conv_transpose1d",
     "aten::conv_transpose2d", "aten::conv_transpose3d", "aten::convolution", "aten::_convolution",
     "aten::_convolution_mode", "aten::cudnn_convolution_relu",
     "aten::cudnn_convolution_add_relu"});
constexpr std::array kRnns = std::to_array<std::string_view>(
    {"aten::lstm", "aten::gru", "aten::rnn_tanh", "aten::rnn_relu"});
constexpr std::array kProducts = std::to_array<std::string_view>(
    {"aten::linear", "aten::matmul", "aten::mm", "aten::bmm", "aten::addmm", "aten::addmm_",
     "aten::baddbmm", "aten::baddbmm_", "aten::addbmm", "aten::addbmm_", "aten::einsum",
     "aten::tensordot", "aten::cdist", "aten::lstm_cell", "aten::gru_cell",
     "aten::scaled_dot_product_attention", "aten::_transformer_encoder_layer_fwd",
     "aten::_native_multi_head_attention"});

template <std::size_t size>
bool is_in(const std::array<std::string_view, size>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool would_run_in_tf32(const jit::Node& node, const Tf32Flags& flags) {
  if (flag_position(node)) return recorded_tf32(node).value_or(true);
  const std::string_view name = node.kind().toQualString();
  return (flags.convolution && is_in(kConvolutions, name)) || (flags.rnn && is_in(kRnns, name)) ||
         (flags.matmul && is_in(kProducts, name));
}

bool has_float32(const jit::Module& module) {
  bool any = false;
  for (const at::Tensor& parameter : module.parameters()) {
    if (parameter.scalar_type() == at::kFloat) return true;
    any = true;
  }
  return !any;
}

}  // namespace

std::optional<bool> recorded_tf32(const jit::Node& node) {
  const auto position = flag_position(node);
  const auto value = position ? jit::toIValue(node.input(*position)) : std::nullopt;
  if (!value || !value->isBool()) return std::nullopt;
  return value->toBool();
}

void set_recorded_tf32(const jit::Module& module, bool allow) {
  for (const auto& graph : graphs_of(module)) {
    for_each_node(*graph->block(), [&](jit::Node& node) {
      const auto position = flag_position(node);
      if (!position || recorded_tf32(node) == allow) return;
      // A constant of its own: others share the old one, which may be the flag of another thing.
      const jit::WithInsertPoint before(&node);
      node.replaceInput(*position, node.owningGraph()->insertConstant(allow));
    });
  }
}

bool would_run_in_tf32(const jit::Module& module) {
  if (!has_float32(module)) return false;
  const Tf32Flags flags = tf32_flags();
  bool would = false;
  for (const auto& graph : graphs_of(module)) {
    for_each_node(*graph->block(),
                  [&](jit::Node& node) { would = would || would_run_in_tf32(node, flags); });
  }
  return would;
}

void set_recorded_precision(const torch::jit::Module& module, Precision precision) {
  if (precision != Precision::kAsExported) set_recorded_tf32(module, precision == Precision::kTf32);
}

}  // namespace crosstrace
