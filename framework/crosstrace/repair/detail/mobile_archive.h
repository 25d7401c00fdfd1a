// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Archives that the lite interpreter reads too (`_save_for_lite_interpreter`, `.ptl`): beside the
/// program they hold its bytecode.
#pragma once

#include <crosstrace/archive/archive.h>
#include <crosstrace/base/pending_file.h>
#include <crosstrace/repair/proof.h>
#include <torch/csrc/jit/api/module.h>

#include <string>

namespace crosstrace::detail {

/// What the lite interpreter finds in an archive.
struct Bytecode {
  bool is_there = false;        ///< Without it the lite interpreter reads nothing.
  bool has_debug_info = false;  ///< From which line an instruction is.
};

/// @throws what `Archive::file` throws; c10::Error if the archive cannot be read.
Bytecode bytecode_in(const Archive& archive);

/// Calls the bytecode of both archives in the lite interpreter on the CPU, with each input set,
/// generators seeded alike.
/// @returns why that of `changed` does not answer as that of `original` to the last bit, one line;
/// empty if it does. Where that of `original` answers nothing there (it names a GPU), it is enough
/// that the other can be read.
std::string why_not_mobile(const Archive& original, const Archive& changed,
                           const ProofCalls& calls);

}  // namespace crosstrace::detail
