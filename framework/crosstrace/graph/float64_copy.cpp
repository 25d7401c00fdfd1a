// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/Tensor.h>
#include <c10/core/DefaultDtype.h>
#include <c10/core/GradMode.h>
#include <crosstrace/base/graph_walk.h>
#include <crosstrace/graph/float64_copy.h>
#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/custom_operator.h>

#include <optional>
#include <set>
#include <stdexcept>

namespace crosstrace {
namespace {

namespace jit = torch::jit;
using c10::ScalarType;

ScalarType widened(ScalarType dtype) {
  using enum ScalarType;
  switch (dtype) {
    case Half:
    case BFloat16:
    case Float:
      return Double;
    case ComplexHalf:
    case ComplexFloat:
      return ComplexDouble;
    default:
      return dtype;
  }
}

std::int64_t widened(std::int64_t dtype) {
  return static_cast<std::int64_t>(widened(static_cast<ScalarType>(dtype)));
}

std::vector<jit::Node*> nodes_of(const jit::Module& module) {
  std::vector<jit::Node*> nodes;
  for_each_function(module, [&](jit::GraphFunction& function) {
    for_each_node(*function.graph()->block(), [&](jit::Node& node) { nodes.push_back(&node); });
  });
  return nodes;
}

template <class Visit>
void for_each_tensor(const c10::IValue& value, Visit visit) {
  value.visit([&](const c10::IValue& part) {
    if (part.isTensor() && part.toTensor().defined()) visit(part.toTensor());
    return false;
  });
}

std::optional<c10::IValue> constant(const jit::Node& node) {
  return node.kind() == c10::prim::Constant ? jit::toIValue(node.output()) : std::nullopt;
}

jit::Value* insert_before(jit::Node& node, const c10::IValue& value) {
  const jit::WithInsertPoint before(&node);
  return node.owningGraph()->insertConstant(value);
}

void make_devices_cpu(const c10::IValue& value) {
  value.visit([](const c10::IValue& part) {
    if (!part.isObject()) return false;
    const auto object = part.toObject();
    for (std::size_t i = 0; i < object->slots().size(); ++i) {
      if (object->getSlot(i).isDevice()) object->setSlot(i, c10::Device(c10::kCPU));
    }
    return false;
  });
}

bool makes_device(const jit::Node& node) {
  if (node.kind() == c10::prim::Constant) {
    const auto value = constant(node);
    return value && value->isDevice();
  }
  return node.kind() == c10::aten::device;
}

/// The input that is the operator's argument `dtype`. That of `view` says how bits are read.
std::optional<std::size_t> dtype_input(const jit::Node& node) {
  if (node.kind() == c10::aten::view) return std::nullopt;
  const c10::FunctionSchema* schema = node.maybeSchema();
  if (schema == nullptr) return std::nullopt;
  const auto index = schema->argumentIndexWithName("dtype");
  if (!index || static_cast<std::size_t>(*index) >= node.inputs().size()) return std::nullopt;
  return static_cast<std::size_t>(*index);
}

const auto kWiden = c10::Symbol::fromQualString("crosstrace::widen_dtype");
const auto kOwn = c10::Symbol::fromQualString("crosstrace::own_dtype");

/// Dtypes that are known only when the program runs. The graphs are never saved, so nobody else
/// meets these operators.
void register_operators() {
  static const jit::RegisterOperators operators({
      jit::Operator(
          "crosstrace::widen_dtype(int? dtype) -> int?",
          [](jit::Stack& stack) {
            c10::IValue dtype = jit::pop(stack);
            stack.push_back(dtype.isInt() ? c10::IValue(widened(dtype.toInt())) : dtype);
          },
          c10::AliasAnalysisKind::PURE_FUNCTION),
      jit::Operator(
          "crosstrace::own_dtype(int dtype, int own) -> int",
          [](jit::Stack& stack) {
            const auto own = static_cast<ScalarType>(jit::pop(stack).toInt());
            auto dtype = static_cast<ScalarType>(jit::pop(stack).toInt());
            if (dtype == ScalarType::Double) dtype = own;
            if (dtype == ScalarType::ComplexDouble) dtype = c10::toComplexType(own);
            stack.emplace_back(static_cast<std::int64_t>(dtype));
          },
          c10::AliasAnalysisKind::PURE_FUNCTION),
  });
}

jit::Value* insert_call(jit::Graph& graph, c10::Symbol kind, std::vector<jit::Value*> inputs) {
  const c10::TypePtr type = inputs.front()->type();
  jit::Node* node = graph.insertNode(graph.create(kind, inputs));
  return node->output()->setType(type);
}

/// Makes one module compute in float64.
class Widener {
 public:
  Widener(const jit::Module& module, const std::vector<c10::IValue>& inputs)
      : module_(module), nodes_(nodes_of(module)) {
    for (const c10::IValue& input : inputs) note_dtypes(input);
  }

  void run() {
    register_operators();
    note_dtypes(module_._ivalue());
    make_float64(module_._ivalue());
    for (jit::Node* node : nodes_) widen_constant(*node);
    for (jit::Node* node : nodes_) widen_argument(*node);
    for (jit::Node* node : nodes_) {
      if (node->kind() == c10::prim::dtype) show_own_dtype(*node);
    }
  }

 private:
  void note(ScalarType dtype) {
    if (c10::isFloatingType(dtype) || c10::isComplexType(dtype)) {
      dtypes_.insert(c10::toRealValueType(dtype));
    }
  }

  void note_dtypes(const c10::IValue& value) {
    for_each_tensor(value, [&](const at::Tensor& tensor) { note(tensor.scalar_type()); });
  }

  void widen_constant(const jit::Node& node) {
    const auto value = constant(node);
    if (!value) return;
    note_dtypes(*value);
    make_float64(*value);
  }

  /// A dtype is an int, and one constant may be a dtype here and a size there, so the operator is
  /// given another value and the constant stays.
  void widen_argument(jit::Node& node) {
    const auto index = dtype_input(node);
    if (!index) return;
    jit::Value* dtype = node.input(*index);
    if (const auto known = jit::toIValue(dtype)) {
      if (!known->isInt()) return;
      note(static_cast<ScalarType>(known->toInt()));
      const std::int64_t wide = widened(known->toInt());
      if (wide != known->toInt()) node.replaceInput(*index, insert_before(node, wide));
    } else if (dtype->node()->kind() != c10::prim::dtype) {
      const jit::WithInsertPoint before(&node);
      node.replaceInput(*index, insert_call(*node.owningGraph(), kWiden, {dtype}));
    }
  }

  /// To all that is not told which dtype to make: comparisons, calls, containers.
  void show_own_dtype(jit::Node& read) {
    std::vector<jit::Use> others;
    for (const jit::Use& use : read.output()->uses()) {
      if (dtype_input(*use.user) != use.offset) others.push_back(use);
    }
    const bool is_double = dtypes_.size() == 1 && *dtypes_.begin() == ScalarType::Double;
    if (others.empty() || dtypes_.empty() || is_double) return;
    if (dtypes_.size() > 1) {
      throw std::runtime_error("the program asks for dtypes, and has more than one of float");
    }
    const jit::WithInsertPoint after(read.next());
    jit::Value* own =
        read.owningGraph()->insertConstant(static_cast<std::int64_t>(*dtypes_.begin()));
    jit::Value* seen = insert_call(*read.owningGraph(), kOwn, {read.output(), own});
    for (const jit::Use& use : others) use.user->replaceInput(use.offset, seen);
  }

  const jit::Module& module_;
  std::vector<jit::Node*> nodes_;
  std::set<ScalarType> dtypes_;
};

}  // namespace

void run_on_cpu(jit::Module& module) {
  make_devices_cpu(module._ivalue());
  static const auto cuda = c10::Symbol::aten("cuda");
  for (jit::Node* node : nodes_of(module)) {
    if (makes_device(*node)) {
      node->output()->replaceAllUsesWith(insert_before(*node, c10::Device(c10::kCPU)));
    } else if (node->kind() == cuda) {
      node->output()->replaceAllUsesWith(node->input(0));
    }
  }
}

void compute_in_float64(jit::Module& module, const std::vector<c10::IValue>& inputs) {
  Widener(module, inputs).run();
}

/// In place, so that every holder of a tensor sees the change, as in devices/move.cpp. Not by
/// Module::to(kDouble), which casts integers too (torch/csrc/jit/api/module.cpp).
void make_float64(const c10::IValue& value) {
  const c10::NoGradGuard no_grad;
  for_each_tensor(value, [](const at::Tensor& tensor) {
    const ScalarType wide = widened(tensor.scalar_type());
    if (tensor.scalar_type() == wide) return;
    tensor.unsafeGetTensorImpl()->shallow_copy_from(tensor.detach().to(wide).getIntrusivePtr());
  });
}

DefaultDtypeGuard::DefaultDtypeGuard(ScalarType dtype)
    : previous_(c10::get_default_dtype_as_scalartype()) {
  c10::set_default_dtype(c10::scalarTypeToTypeMeta(dtype));
}

DefaultDtypeGuard::~DefaultDtypeGuard() {
  c10::set_default_dtype(c10::scalarTypeToTypeMeta(previous_));
}

}  // namespace crosstrace
