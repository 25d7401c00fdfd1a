// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Refuses a file before LibTorch reads it.
///
///     crosstrace::check_archive("model.pt");
///     torch::jit::Module module = torch::jit::load("model.pt");
#pragma once

#include <string>

namespace crosstrace {

/// LibTorch believes what an archive says of itself: a few bytes that claim a memo of 2^32 entries,
/// or a record that unpacks to a thousand times its size, take all memory there is. Looks at the
/// directory of records and at the pickles that a load reads, in time and memory proportional to
/// these; tensors are not read. What passes may still be refused by LibTorch.
/// @throws std::runtime_error in one line: `cannot read archive model.pt: it is no zip archive, or
/// it is cut short; expected a file that torch.jit.save wrote`.
void check_archive(const std::string& path);

}  // namespace crosstrace
