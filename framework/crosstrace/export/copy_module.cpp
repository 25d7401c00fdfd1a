// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/autograd.h>
#include <crosstrace/base/graph_constants.h>
#include <crosstrace/export/copy_module.h>
#include <torch/csrc/jit/api/function_impl.h>

#include <memory>
#include <unordered_map>
#include <vector>

namespace crosstrace {
namespace {

namespace jit = torch::jit;

using Shares = std::function<bool(const at::Tensor&)>;

class Copier {
 public:
  explicit Copier(const Shares& shares) : shares_(shares) {}

  jit::Module copy(const jit::Module& source) {
    const auto done = modules_.find(source._ivalue().get());
    if (done != modules_.end()) return done->second;
    jit::Module twin = empty_twin(*source.type());
    modules_.emplace(source._ivalue().get(), twin);
    for (std::size_t i = 0; i < source.type()->numAttributes(); ++i) copy_slot(source, i, twin);
    return twin;
  }

  /// After all classes are known, since methods name them.
  void copy_methods() {
    for (const auto& [source, twin] : classes_) {
      for (jit::Function* method : source->expectRef<c10::ClassType>().methods()) {
        copy_method(*method, *twin);
      }
    }
  }

 private:
  jit::Module empty_twin(const c10::ClassType& type) {
    const auto known = classes_.find(&type);
    if (known != classes_.end()) return {unit_, known->second};
    jit::Module twin(*type.name(), unit_);
    classes_.emplace(&type, twin.type());
    for (std::size_t i = 0; i < type.numConstants(); ++i) {
      twin.type()->addConstant(type.getConstantName(i), type.getConstant(i));
    }
    return twin;
  }

  /// A submodule behind an interface keeps the interface as its type.
  void copy_slot(const jit::Module& source, std::size_t i, jit::Module& twin) {
    const c10::ClassType& type = *source.type();
    const std::string& name = type.getAttributeName(i);
    const c10::TypePtr& attribute_type = type.getAttribute(i);
    const c10::IValue& slot = source._ivalue()->getSlot(i);
    if (!slot.isModule()) {
      note_shared(slot);
      twin.register_attribute(name, attribute_type, slot.deepcopy(tensors_), type.is_parameter(i),
                              type.is_buffer(i));
      return;
    }
    const jit::Module child = copy(slot.toModule());
    const bool is_class = attribute_type->kind() == c10::TypeKind::ClassType;
    twin.type()->addOrCheckAttribute(name, is_class ? c10::TypePtr(child.type()) : attribute_type);
    twin._ivalue()->setAttr(name, child._ivalue());
  }

  /// `deepcopy` takes those that it was told of as they are.
  void note_shared(const c10::IValue& value) {
    value.visit([&](const c10::IValue& part) {
      const bool is_new = part.isTensor() && part.toTensor().defined() && !tensors_.contains(part);
      if (is_new && shares_(part.toTensor())) tensors_[part] = part.toTensor().detach();
      return false;
    });
  }

  void copy_method(jit::Function& method, c10::ClassType& twin) {
    const auto to_twin = [this](const c10::TypePtr& type) -> c10::TypePtr {
      const auto found = classes_.find(type.get());
      return found == classes_.end() ? type : c10::TypePtr(found->second);
    };
    method.ensure_defined();
    auto graph = jit::toGraphFunction(method).graph()->copy();
    graph->remapTypes(to_twin);
    replace_constants(*graph->block(), [this](const at::Tensor& tensor) {
      return shares_(tensor) ? tensor.detach() : tensor.clone();
    });
    jit::Function* copied = unit_->create_function(method.qualname(), std::move(graph));
    twin.addMethod(copied);
    copied->setSchema(method.getSchema().cloneWithRemappedTypes(to_twin));
  }

  const Shares& shares_;
  std::shared_ptr<jit::CompilationUnit> unit_ = std::make_shared<jit::CompilationUnit>();
  std::unordered_map<const void*, jit::Module> modules_;
  std::unordered_map<const c10::Type*, c10::ClassTypePtr>
      classes_;                                 ///< Twins of those that were seen.
  c10::IValue::HashIdentityIValueMap tensors_;  ///< Tied ones are one in the copy too.
};

}  // namespace

torch::jit::Module copy_module(const torch::jit::Module& module) {
  return copy_module(module, [](const at::Tensor&) { return false; });
}

/// With autograd on, the copy's parameters would be results of those that they were copied from, and
/// a backward pass would go on there.
torch::jit::Module copy_module(const torch::jit::Module& module,
                               const std::function<bool(const at::Tensor&)>& shares) {
  const AutogradScope off(false);
  Copier copier(shares);
  torch::jit::Module copied = copier.copy(module);
  copier.copy_methods();
  std::vector<bool> required;
  for (const at::Tensor& parameter : module.parameters()) {
    required.push_back(parameter.requires_grad());
  }
  std::size_t i = 0;
  for (at::Tensor parameter : copied.parameters()) parameter.set_requires_grad(required.at(i++));
  return copied;
}

}  // namespace crosstrace
