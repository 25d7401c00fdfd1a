// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What a file is that is no TorchScript archive. For use inside archive/ only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace crosstrace::detail {

/// Of a file that is no zip archive: `it is a pointer of Git LFS to a file that was not fetched; run
/// git lfs pull`. Empty if its first bytes tell nothing.
/// @param start its first bytes, 64 at the most.
std::string kind_of_file(std::string_view start);

/// Of a zip archive without a program: `it is a program of torch.export (.pt2), which is no
/// TorchScript`. Empty if nothing tells.
/// @param names of its records.
std::string kind_of_archive(const std::vector<std::string>& names);

/// Of what torch.save pickled: `it holds a tensor that torch.save wrote, and no program`.
std::string kind_of_pickle(std::string_view pickle);

}  // namespace crosstrace::detail
