// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// An export whose tensors follow its inputs: every device that its graphs or attributes fix, and
/// that would meet another one, is taken from a value of the model instead.
///
///     torch::jit::Module module = torch::jit::load("model.pt", c10::kCPU);
///     crosstrace::Repaired repaired = crosstrace::repair(module, "cpu", {"cuda:0", "cuda:1"});
///     for (const crosstrace::RepairStep& step : repaired.steps) std::cout << step.text << '\n';
///
/// | what fixes the device                          | becomes                                     |
/// |------------------------------------------------|---------------------------------------------|
/// | device of a factory, or its lack               | the device of a value that it meets         |
/// | device of an `aten::*_like`, `aten::new_*`     | none: they follow their first argument      |
/// | device of `aten::to`, `cpu`, `cuda`            | the device of a value that it meets         |
/// | tensor constant of a graph                     | buffer                                      |
/// | tensor attribute, Optional[Tensor] that is one | buffer                                      |
/// | list, dict, tuple or object that holds tensors | buffers, collected where they are read      |
/// | Device attribute                               | the device of a value, where it is read     |
///
/// What meets no other device, or is moved before it does, stays as it is.
#pragma once

#include <crosstrace/repair/repair_result.h>
#include <torch/csrc/jit/api/module.h>

#include <set>
#include <string>
#include <vector>

namespace crosstrace {

struct Repaired {
  std::vector<RepairStep> steps;  ///< In the order in which they were taken.
  std::vector<RepairStep> left;   ///< Conflicts of devices that remain, with the reason.
  std::set<std::string> methods;  ///< That users call, and of which something was changed.
};

/// Edits every method, calls inlined, and every attribute of `module`, in place: give a copy that
/// was never called. Repairing what was repaired does nothing.
/// @param home the device that the export was made on, where it must go on working as it did.
/// @param devices other devices that it should run on.
/// @param read_elsewhere its tensors were read onto the CPU, though they were saved on `home`.
Repaired repair(torch::jit::Module& module, const std::string& home,
                const std::vector<std::string>& devices, bool read_elsewhere = false);

}  // namespace crosstrace
