// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Changes of what modules hold: a class's attributes and the slots of all its instances, together.
#pragma once

#include <ATen/core/Tensor.h>
#include <crosstrace/graph/program.h>
#include <torch/csrc/jit/api/module.h>

#include <functional>
#include <string>
#include <vector>

namespace crosstrace::detail {

/// Every instance of the class among the program's submodules.
std::vector<torch::jit::Module> instances_of(const Program& program, const c10::ClassTypePtr& type);

/// `wanted`, with a number behind it if the class has something of that name.
std::string free_name(const c10::ClassType& type, const std::string& wanted);

/// Adds a buffer to the class; each instance gets what `value` says for it.
void add_buffer(const Program& program, const c10::ClassTypePtr& type, const std::string& name,
                const std::function<at::Tensor(const torch::jit::Module&)>& value);

/// Takes the attribute from the class and from each instance. Nothing may read it any more, or it
/// must come back under its name.
void remove_attribute(const Program& program, const c10::ClassTypePtr& type,
                      const std::string& name);

/// Gives attributes that hold a module behind an interface the module's own class, where all
/// instances agree on it: with calls inlined, graphs read the module's attributes, which an
/// interface does not show.
void uncover_interfaces(const Program& program);

}  // namespace crosstrace::detail
