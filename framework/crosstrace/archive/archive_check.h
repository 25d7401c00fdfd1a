// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Refuses a file before LibTorch reads it. Used by archive.cpp.
#pragma once

#include <caffe2/serialize/read_adapter_interface.h>

#include <memory>
#include <string>

namespace crosstrace {

/// LibTorch believes what an archive says of itself: a few bytes that claim a memo of 2^32 entries,
/// or a record that unpacks to a thousand times its size, take all memory there is. Looks at the
/// directory of records, at the pickles that a load reads and at what the code computes when it is
/// read (code_check.h), in time and memory proportional to these; tensors are not read. What passes
/// may still be refused by LibTorch.
/// @throws std::runtime_error in one line: `cannot read archive model.pt: it is no zip archive, or
/// it is cut short; expected a file that torch.jit.save wrote`.
/// @param path for the message.
void check_archive(const std::shared_ptr<caffe2::serialize::ReadAdapterInterface>& file,
                   const std::string& path);

}  // namespace crosstrace
