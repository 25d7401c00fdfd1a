// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Whether a pickle keeps to its own bytes. For use inside archive/ only.
#pragma once

#include <string_view>

namespace crosstrace::detail {

/// Walks over the instructions up to the last one, without following them. Every text must end
/// where the pickle does or before, and no memo entry may be numbered higher than the pickle has
/// bytes: LibTorch makes room for all entries up to that number.
/// @throws std::runtime_error naming the byte.
void check_pickle(std::string_view pickle);

}  // namespace crosstrace::detail
