// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Which findings fail the inspection of a model.
///
///     CROSSTRACE_REGISTER(Ramp)
///         .function([](at::Tensor x) { return x + at::arange(4, x.options()); })
///         .inputs([] { return at::randn({4}); })
///         .inspection(crosstrace::InspectionLevel::kOff, "is exported anew for each device")
///         .expect_failure(crosstrace::moved(), crosstrace::Verdict::kError, "same device");
#pragma once

namespace crosstrace {

enum class InspectionLevel {
  kNote,     ///< Notes too.
  kWarning,  ///< Warnings and errors: what every model has that does not say otherwise.
  kError,    ///< Errors alone; warnings are printed.
  kOff,      ///< None: the inspection is skipped, with the reason.
};

}  // namespace crosstrace
