// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// From an archive to a repaired one that is proven, or to the reason why there is none.
///
///     crosstrace::ProofCalls calls;
///     calls.inputs = {[] { return crosstrace::arguments(at::rand({2, 4})); }};
///     calls.devices = {"cpu", "sim:0"};
///     const auto result = crosstrace::repair_archive("baked.pt", "fixed.pt", calls);
///     std::cout << (result.written ? "written" : result.why_not) << '\n';  // prints written
#pragma once

#include <crosstrace/repair/proof.h>
#include <crosstrace/repair/repair_result.h>

#include <string>

namespace crosstrace {

/// Reads the archive, repairs it, proves it and writes it, with the extra files that it had.
/// Tensors that were saved on another device are stored on the CPU, where every machine can load
/// them. An archive that the lite interpreter can read gets new bytecode, which must answer there as
/// before. The target gets its name only when all of it is written and proven; else nothing is left
/// behind. It may be the archive itself. Nothing is written either if a method was changed that
/// `calls` has no inputs of, which is named. Holds all weights in host memory, and waits for every
/// device that the proof uses.
/// @param calls its devices are also those that the repair is made for.
/// @throws std::invalid_argument without inputs, for nothing could be proven.
/// @throws std::runtime_error naming the file, if it cannot be read or the target not be written.
/// @throws c10::Error if LibTorch cannot load it.
RepairResult repair_archive(const Archive& archive, const std::string& target,
                            const ProofCalls& calls);

}  // namespace crosstrace
