// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What the cells of a model are held against.
///
///     const crosstrace::Model model = crosstrace::ModelBuilder("Double", {"double.cpp", 1})
///                                         .function([](at::Tensor x) { return 2 * x; })
///                                         .inputs([] { return at::rand({3}); })
///                                         .build();
///     const crosstrace::Inputs inputs = crosstrace::make_inputs(model, 0);
///     const crosstrace::ReferenceSource source{
///         [&](std::size_t) -> const crosstrace::Inputs& { return inputs; }, {}};
///     const crosstrace::Reference reference =
///         crosstrace::eager_reference(model, source, {}, {.runs = 2});
///     std::cout << reference.outputs.front().size() << " answers\n";  // prints 2 answers
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>
#include <crosstrace/devices/stand_in.h>
#include <crosstrace/matrix/archive_home.h>
#include <crosstrace/matrix/crash_guard.h>
#include <crosstrace/matrix/left_behind.h>
#include <crosstrace/matrix/placed_export.h>
#include <crosstrace/matrix/run_options.h>
#include <crosstrace/models/model.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace crosstrace {

/// The answers of the model on the CPU, of an archive those at home; or why there are none.
struct Reference {
  ArchiveHome home;  ///< Where they come from; brought to the CPU from there.
  std::vector<std::vector<c10::IValue>>
      outputs;  ///< By input set, then by call (a model may have state).

  /// What these calls wrote beside their answers; empty if the outputs were given.
  std::vector<std::vector<LeftBehind>> left;
  std::optional<Failure> failure;
  std::string untrusted;  ///< Why comparing with it would prove nothing; empty if it would.
};

/// Where a reference takes what it needs from; neither makes anything twice.
struct ReferenceSource {
  std::function<const Inputs&(std::size_t set)> inputs;  ///< On the CPU; they are not written into.
  std::function<std::shared_ptr<const PlacedExport>(const ArchiveHome&)> archive;
};

/// Of a model of C++: its eager run on the CPU, in strict precision whatever the options say. What
/// the model throws is the reference's failure.
/// @param captured tensors that a function keeps for itself; the calls leave them as they were.
Reference eager_reference(const Model& model, const ReferenceSource& source,
                          const std::vector<at::Tensor>& captured, const RunOptions& options);

/// Of an archive: at the first home where it answers; else what it died of at the likeliest. Waits
/// for the device of that home.
/// @throws what reading the archive throws.
Reference archive_reference(const Model& model, const ReferenceSource& source,
                            const StandIns& stand_ins, const RunOptions& options);

}  // namespace crosstrace
