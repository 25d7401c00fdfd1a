// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// A module as diagnosis reads it: every method with all that it calls inlined.
///
///     crosstrace::Program program(export.copy());  // A module that nobody else runs.
///     for (const crosstrace::InlinedMethod& method : program.methods()) std::cout << method.name << '\n';
#pragma once

#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/ir.h>

#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

namespace crosstrace {

/// One method of the module or of a submodule.
struct InlinedMethod {
  std::string name;         ///< `forward`, `encoder.layers.0.forward`.
  std::string module_path;  ///< Of its self; empty for the module itself.
  torch::jit::Module self;
  std::shared_ptr<torch::jit::Graph> graph;  ///< The method's own graph, inlined in place.

  /// Called, directly or not, by another method of the program: what is in it is seen there.
  bool reached = false;

  /// Users call it: one of the module's own methods that no other calls. Or a call that could not
  /// be inlined may be of it.
  bool is_entry = false;
};

/// An attribute of the module or of a submodule that is no submodule itself.
struct Attribute {
  std::string path;  ///< `encoder.cache`.
  torch::jit::Module owner;
  std::string name;
  c10::IValue value;
  bool is_parameter = false;
  bool is_buffer = false;
  bool is_set = false;  ///< Some method assigns it.
};

/// Inlines in place: calls of functions, of methods of submodules and TorchScript classes, and,
/// because the objects are at hand, calls through interfaces.
class Program {
 public:
  /// @param module is changed; give a copy that was never called.
  explicit Program(torch::jit::Module module);

  const torch::jit::Module& module() const noexcept { return module_; }
  const std::vector<InlinedMethod>& methods() const noexcept { return methods_; }
  const std::vector<Attribute>& attributes() const noexcept { return attributes_; }

  /// True for a parameter or buffer, by whatever other name it is reached: `to` changes the tensor
  /// itself. A list of the weights of an LSTM moves so.
  bool moves(const at::Tensor& tensor) const {
    return moving_.count(tensor.unsafeGetTensorImpl()) > 0;
  }

  /// The method that users call first, or null if there is none of that name.
  const InlinedMethod* find_method(const std::string& name) const;

 private:
  torch::jit::Module module_;
  std::vector<InlinedMethod> methods_;
  std::vector<Attribute> attributes_;
  std::unordered_set<const at::TensorImpl*> moving_;
};

/// Whether users call the method whatever else they call: forward, and where there is none, every
/// entry.
bool is_main(const Program& program, const InlinedMethod& method);

/// The path of the submodule whose code made the node, joined with `.`; empty for the module itself
/// or if not known.
std::string module_path(const InlinedMethod& method, const torch::jit::Node& node);

}  // namespace crosstrace
