// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Whether a model reads its inputs at all.
///
///     const auto answer = [](const crosstrace::Inputs&) { return c10::IValue(at::arange(3)); };
///     const crosstrace::BlindnessProbe probe{0, 7, crosstrace::make_inputs(model, 0, 7)};
///     std::cout << crosstrace::why_blind(model, probe, at::arange(3), answer);
#pragma once

#include <ATen/core/ivalue.h>
#include <crosstrace/models/model.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace crosstrace {

/// The call whose answer is looked at.
struct BlindnessProbe {
  std::size_t set = 0;     ///< The input set, numbered from 0.
  std::uint64_t seed = 0;  ///< Of its inputs.
  Inputs inputs;           ///< On the CPU; they are not written into.
};

/// Calls the model with other inputs until one changes its answer: those of three other seeds; with
/// noise on what is floating point; with that multiplied by -10 to 10 million, for an answer that
/// only strong inputs move, such as the class that a great bias prefers; with integers in another
/// order or all at one end of their range, and truth values turned round. What such an input makes
/// NaN or infinite is no answer. A model that refuses an input has read it.
/// @param expected its answer to the inputs of `probe`, on the CPU.
/// @param answer of the model, untouched by other calls, to inputs that are nobody else's, on the CPU.
/// @returns empty if it reads its inputs, or if there are no other ones; else one line that says
/// what was tried.
std::string why_blind(const Model& model, const BlindnessProbe& probe, const c10::IValue& expected,
                      const std::function<c10::IValue(const Inputs&)>& answer);

}  // namespace crosstrace
