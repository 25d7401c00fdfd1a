// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// A command in a process of its own, watched by the one that was started.
#pragma once

#include <functional>
#include <string>

namespace crosstrace {

/// Runs `command` in a child, which is this process in all but its number, so that nothing in a file
/// ends the command without a word: not a signal on another thread, not memory that a file of wild
/// bytes has spoiled. Call it before LibTorch's thread pool or CUDA is used: neither survives a fork.
/// @param archive for the message.
/// @returns in the child what `command` returns; in the watching process the child's exit code.
/// @throws UsageError in the watching process if the child died of a signal, or ended with exit code
/// 0 before `command` returned; std::system_error if there can be no child.
int run_supervised(const std::string& archive, const std::function<int()>& command);

}  // namespace crosstrace
