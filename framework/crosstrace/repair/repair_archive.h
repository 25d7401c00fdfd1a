// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// From an archive to a repaired one that is proven, or to the reason why there is none.
///
///     crosstrace::ProofCalls calls;
///     calls.inputs = {[] { return crosstrace::arguments(at::randn({1, 8})); }};
///     calls.devices = {"cpu", "cuda:0", "sim:0", "sim:1"};
///     const auto result = crosstrace::repair_archive("model.pt", "fixed.pt", calls);
///     if (!result.written) std::cerr << result.why_not << '\n';
#pragma once

#include <crosstrace/repair/proof.h>
#include <crosstrace/repair/repair_result.h>

#include <string>

namespace crosstrace {

/// Reads the archive on its home device, repairs, proves and writes it, with the extra files that
/// it had. The target gets its name only when all of it is written and proven; else nothing is left
/// behind. It may be the archive itself.
/// @param calls its devices are also those that the repair is made for.
/// @throws std::invalid_argument without inputs, for nothing could be proven.
/// @throws std::runtime_error naming the file, if it cannot be read or the target not be written.
/// @throws c10::Error if LibTorch cannot load it.
RepairResult repair_archive(const std::string& archive, const std::string& target,
                            const ProofCalls& calls);

}  // namespace crosstrace
