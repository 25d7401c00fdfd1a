// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Archives read with all that is beside the model in them, and files that are whole or not there.
#pragma once

#include <crosstrace/archive/archive.h>
#include <crosstrace/base/pending_file.h>
#include <crosstrace/repair/detail/mobile_archive.h>
#include <torch/csrc/jit/api/module.h>

#include <filesystem>
#include <string>

namespace crosstrace::detail {

/// The files that were saved beside the model, by name.
/// @throws what `Archive::file` throws; c10::Error if the archive cannot be read.
torch::jit::ExtraFilesMap extra_files(const Archive& archive);

/// @param bytecode the archive gets its bytecode too, if this is there.
/// @throws std::runtime_error `cannot write fixed.pt: No space left on device`; c10::Error for a
/// method that has no bytecode.
void save(const torch::jit::Module& module, const torch::jit::ExtraFilesMap& extra,
          const Bytecode& bytecode, const PendingFile& file);

/// Byte for byte.
/// @throws std::runtime_error as `save` does.
void copy(const Archive& archive, const PendingFile& file);

/// @throws std::runtime_error if the file is there and no ordinary one: `/dev/null` is not replaced.
void require_ordinary_file(const std::filesystem::path& target);

}  // namespace crosstrace::detail
