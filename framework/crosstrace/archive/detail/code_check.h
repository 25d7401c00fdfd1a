// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Finds code of an archive that runs while LibTorch reads it. For use inside archive/ only.
#pragma once

#include <string>
#include <string_view>

namespace crosstrace::detail {

/// LibTorch evaluates the defaults of arguments and the constants of classes when it reads the code
/// of an archive (ScriptTypeParser::evaluateDefaults), whatever is written there. `torch.jit.save`
/// writes values there: numbers, texts, devices, lists and the like of them, constants by name.
/// Code that is no TorchScript passes: LibTorch refuses it.
/// @param name of the record, for the message.
/// @throws std::runtime_error `its record code/__torch__/net.py calls something where a value
/// belongs: torch.from_file(...) in line 3`.
void check_code(std::string_view code, const std::string& name);

}  // namespace crosstrace::detail
