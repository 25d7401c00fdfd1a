// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/export/mirror.h>
#include <torch/nn/module.h>

#include <cctype>
#include <map>
#include <memory>

namespace crosstrace {
namespace {

/// Class names are Python identifiers, the names of submodules (`0` in a Sequential) need not be.
std::string identifier(const std::string& name) {
  std::string result = std::isdigit(static_cast<unsigned char>(name.front())) ? "_" : "";
  for (char c : name) result += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return result;
}

class Mirror {
 public:
  torch::jit::Module copy(const torch::nn::Module& source, const c10::QualifiedName& name) {
    if (auto done = copies_.find(&source); done != copies_.end()) return done->second;
    torch::jit::Module twin(name, unit_);
    // eval() asserts that it is there: Module::train of torch/csrc/jit/api/module.cpp.
    twin.register_attribute("training", c10::BoolType::get(), source.is_training());
    for (const auto& item : source.named_parameters(/*recurse=*/false)) {
      twin.register_parameter(item.key(), item.value(), /*is_buffer=*/false);
    }
    for (const auto& item : source.named_buffers(/*recurse=*/false))
      twin.register_buffer(item.key(), item.value());
    for (const auto& item : source.named_children()) {
      twin.register_module(item.key(),
                           copy(*item.value(), c10::QualifiedName(name, identifier(item.key()))));
    }
    copies_.emplace(&source, twin);
    return twin;
  }

  torch::jit::Module empty(const c10::QualifiedName& name) {
    torch::jit::Module twin(name, unit_);
    twin.register_attribute("training", c10::BoolType::get(), false);
    return twin;
  }

 private:
  std::shared_ptr<torch::jit::CompilationUnit> unit_ =
      std::make_shared<torch::jit::CompilationUnit>();
  std::map<const torch::nn::Module*, torch::jit::Module> copies_;
};

}  // namespace

torch::jit::Module mirror(const torch::nn::Module* source, const std::string& name) {
  const c10::QualifiedName qualified("__torch__." + identifier(name));
  Mirror mirror;
  return source == nullptr ? mirror.empty(qualified) : mirror.copy(*source, qualified);
}

}  // namespace crosstrace
