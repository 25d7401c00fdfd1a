// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What LibTorch says of a device that is not there, in one sentence.
///
///     crosstrace::shorten_missing_backend(error.what());  // aten::empty on cuda: no CUDA here
#pragma once

#include <string>
#include <string_view>

namespace crosstrace {

/// LibTorch's dispatcher lists every backend that has the operator, 1400 characters of them. Of a
/// backend that this process lacks remains `aten::empty on cuda: no CUDA here`, of one that it has
/// `aten::histc has no CUDA kernel`. Other text stays as it is, and so does what follows.
std::string shorten_missing_backend(const std::string& text);

/// The device type of such a sentence, `cuda`, if there is no backend for it; else empty.
std::string_view missing_backend(std::string_view sentence);

}  // namespace crosstrace
