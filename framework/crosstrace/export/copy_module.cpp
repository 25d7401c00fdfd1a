// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/autograd.h>
#include <crosstrace/base/graph_constants.h>
#include <crosstrace/export/copy_module.h>
#include <torch/csrc/jit/api/compilation_unit.h>
#include <torch/csrc/jit/api/function_impl.h>

#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

namespace crosstrace {
namespace {

namespace jit = torch::jit;

using Shares = std::function<bool(const at::Tensor&)>;

class Copier {
 public:
  Copier(const jit::Module& source, const Shares& shares)
      : shares_(shares), source_unit_(source._ivalue()->compilation_unit()) {}

  jit::Module copy(const jit::Module& source) {
    const auto done = modules_.find(source._ivalue().get());
    if (done != modules_.end()) return done->second;
    jit::Module twin(unit_, twin_of(*source.type()));
    modules_.emplace(source._ivalue().get(), twin);
    for (std::size_t i = 0; i < source.type()->numAttributes(); ++i) copy_slot(source, i, twin);
    return twin;
  }

  /// After all modules are known. Their methods name functions and other classes, which have methods.
  void copy_methods() {
    while (!without_methods_.empty()) {
      const c10::ClassType& source = *without_methods_.front();
      without_methods_.pop_front();
      c10::ClassType& twin = *classes_.at(&source);
      add_attributes(source, twin);
      for (jit::Function* method : source.methods()) twin.addMethod(twin_of(*method));
      for (jit::Function* hook : source.getForwardPreHooks()) {
        twin.addForwardPreHook(twin_of(*hook));
      }
      for (jit::Function* hook : source.getForwardHooks()) twin.addForwardHook(twin_of(*hook));
    }
  }

 private:
  bool is_own(const c10::ClassType& type) const { return type.compilation_unit() == source_unit_; }

  c10::ClassTypePtr twin_of(const c10::ClassType& type) {
    const auto known = classes_.find(&type);
    if (known != classes_.end()) return known->second;
    auto twin = c10::ClassType::create(type.name(), unit_, type.is_module());
    unit_->register_type(twin);
    classes_.emplace(&type, twin);
    without_methods_.push_back(&type);
    for (std::size_t i = 0; i < type.numConstants(); ++i) {
      twin->addConstant(type.getConstantName(i), type.getConstant(i));
    }
    if (!type.is_module()) add_attributes(type, *twin);
    return twin;
  }

  /// Those of a module are there once it was copied.
  void add_attributes(const c10::ClassType& source, c10::ClassType& twin) {
    for (std::size_t i = twin.numAttributes(); i < source.numAttributes(); ++i) {
      const bool is_module = source.is_module();
      twin.addAttribute(source.getAttributeName(i), twin_of(source.getAttribute(i)),
                        is_module && source.is_parameter(i), is_module && source.is_buffer(i));
    }
  }

  /// Interfaces stay: they have no code.
  c10::TypePtr twin_of(const c10::TypePtr& type) {
    if (const auto* own = type->castRaw<c10::ClassType>()) {
      return is_own(*own) ? c10::TypePtr(twin_of(*own)) : type;
    }
    if (const auto* function = type->castRaw<c10::FunctionType>()) {
      return c10::FunctionType::create(twin_of(*function->function()));
    }
    if (type->kind() == c10::TypeKind::InterfaceType) return type;
    std::vector<c10::TypePtr> contained;
    bool differs = false;
    for (const c10::TypePtr& part : type->containedTypes()) {
      contained.push_back(twin_of(part));
      differs = differs || contained.back() != part;
    }
    return differs ? type->withContained(std::move(contained)) : type;
  }

  jit::Function* twin_of(jit::Function& function) {
    auto* with_graph = jit::tryToGraphFunction(function);
    if (with_graph == nullptr) return &function;
    const auto known = functions_.find(&function);
    if (known != functions_.end()) return known->second;
    const auto to_twin = [this](const c10::TypePtr& type) { return twin_of(type); };
    function.ensure_defined();
    auto graph = with_graph->graph()->copy();
    graph->remapTypes(to_twin);
    replace_constants(*graph->block(), [this](const at::Tensor& tensor) {
      return shares_(tensor) ? tensor.detach() : tensor.clone();
    });
    jit::Function* twin = unit_->create_function(function.qualname(), std::move(graph));
    twin->setSchema(function.getSchema().cloneWithRemappedTypes(to_twin));
    functions_.emplace(&function, twin);
    return twin;
  }

  /// A submodule behind an interface keeps the interface as its type.
  void copy_slot(const jit::Module& source, std::size_t i, jit::Module& twin) {
    const c10::ClassType& type = *source.type();
    const std::string& name = type.getAttributeName(i);
    const c10::TypePtr& attribute_type = type.getAttribute(i);
    const c10::IValue& slot = source._ivalue()->getSlot(i);
    if (!slot.isModule()) {
      twin.register_attribute(name, twin_of(attribute_type), copy(slot), type.is_parameter(i),
                              type.is_buffer(i));
      return;
    }
    const jit::Module child = copy(slot.toModule());
    const bool is_class = attribute_type->kind() == c10::TypeKind::ClassType;
    twin.type()->addOrCheckAttribute(name, is_class ? c10::TypePtr(child.type()) : attribute_type);
    twin._ivalue()->setAttr(name, child._ivalue());
  }

  c10::IValue copy(const c10::IValue& value) {
    if (!holds_own_object(value)) {
      note_shared(value);
      return value.deepcopy(tensors_);
    }
    if (value.isModule()) return copy(value.toModule())._ivalue();
    if (value.isObject()) return copy_object(value.toObjectRef());
    if (value.isList()) return copy_list(value.toList());
    if (value.isTuple()) return copy_tuple(value.toTupleRef());
    return copy_dict(value.toGenericDict());
  }

  bool holds_own_object(const c10::IValue& value) const {
    bool holds = false;
    value.visit([&](const c10::IValue& part) {
      holds = holds || (part.isObject() && is_own(*part.toObjectRef().type()));
      return holds;
    });
    return holds;
  }

  c10::IValue copy_object(const c10::ivalue::Object& object) {
    const auto known = objects_.find(&object);
    if (known != objects_.end()) return known->second;
    const auto twin = c10::ivalue::Object::create(
        c10::StrongTypePtr(unit_, twin_of(*object.type())), object.slots().size());
    objects_.emplace(&object, twin);
    for (std::size_t i = 0; i < object.slots().size(); ++i) {
      twin->setSlot(i, copy(object.getSlot(i)));
    }
    return twin;
  }

  c10::IValue copy_list(const c10::List<c10::IValue>& list) {
    c10::impl::GenericList twin(twin_of(list.elementType()));
    for (c10::IValue item : list) twin.push_back(copy(item));
    return twin;
  }

  c10::IValue copy_tuple(const c10::ivalue::Tuple& tuple) {
    std::vector<c10::IValue> items;
    for (const c10::IValue& item : tuple.elements()) items.push_back(copy(item));
    const c10::TypePtr type = tuple.type();
    return c10::ivalue::Tuple::createNamed(std::move(items),
                                           twin_of(type)->expect<c10::TupleType>());
  }

  c10::IValue copy_dict(const c10::Dict<c10::IValue, c10::IValue>& dict) {
    c10::impl::GenericDict twin(twin_of(dict.keyType()), twin_of(dict.valueType()));
    for (const auto& entry : dict) twin.insert(copy(entry.key()), copy(entry.value()));
    return twin;
  }

  /// `deepcopy` takes those that it was told of as they are.
  void note_shared(const c10::IValue& value) {
    value.visit([&](const c10::IValue& part) {
      const bool is_new = part.isTensor() && part.toTensor().defined() && !tensors_.contains(part);
      if (is_new && shares_(part.toTensor())) tensors_[part] = part.toTensor().detach();
      return false;
    });
  }

  const Shares& shares_;
  std::shared_ptr<const jit::CompilationUnit> source_unit_;
  std::shared_ptr<jit::CompilationUnit> unit_ = std::make_shared<jit::CompilationUnit>();
  std::unordered_map<const void*, jit::Module> modules_;
  std::unordered_map<const void*, c10::IValue> objects_;
  std::unordered_map<const c10::ClassType*, c10::ClassTypePtr> classes_;  ///< Each with its twin.
  std::unordered_map<const jit::Function*, jit::Function*> functions_;
  std::deque<const c10::ClassType*> without_methods_;
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
  Copier copier(module, shares);
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
