// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What a trace has of the device, the sizes and the dtype that it was made with: told by comparing
/// traces of one model.
///
///     auto cpu = crosstrace::export_model(model, crosstrace::ExportKind::kTrace, "cpu").copy();
///     auto sim = crosstrace::export_model(model, crosstrace::ExportKind::kTrace, "sim:0").copy();
///     auto findings = crosstrace::compare_devices({"cpu", cpu.get_method("forward").graph()},
///                                                 {"sim:0", sim.get_method("forward").graph()});
///
/// All findings are notes: a trace that bakes something is wrong only for whoever runs it with
/// something else. Ids are left empty.
#pragma once

#include <crosstrace/diagnose/finding.h>
#include <crosstrace/models/model.h>
#include <torch/csrc/jit/ir/ir.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace crosstrace {

/// A graph, and what makes it another than the one that it is compared with.
struct NamedTrace {
  std::string name;  ///< The device, `cpu`; the sizes, `[3, 4]`; the dtype, `float`.
  std::shared_ptr<torch::jit::Graph> graph;
};

/// `device-branch`: the first place where the operators differ, with a diff in `details`. Literals
/// that name devices or dtypes do not count.
std::vector<Finding> compare_devices(const NamedTrace& first, const NamedTrace& second);

/// `baked-shape`: a finding for each operator with an integer literal that differs, or for the
/// first operator that differs, as in a loop over the elements of a tensor.
std::vector<Finding> compare_sizes(const NamedTrace& first, const NamedTrace& second);

/// `baked-dtype`: a finding for each operator whose literal dtype differs.
std::vector<Finding> compare_dtypes(const NamedTrace& first, const NamedTrace& second);

/// Traces the model on each device and compares with the first; then, there, with every floating
/// point tensor as double, and with inputs of other sizes: those of another input set or, if it has
/// none, all tensors twice along their first dimension. What the model refuses is left out.
/// @param devices that are available, the one to compare with first.
std::vector<Finding> compare_traces(const Model& model, const std::vector<std::string>& devices,
                                    std::uint64_t seed = 0);

}  // namespace crosstrace
