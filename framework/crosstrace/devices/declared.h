// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Which devices the matrix speaks about, whether this machine has them or not. Nothing here loads
/// or touches CUDA, so that listing tests is always safe.
///
///     for (const std::string& name : crosstrace::declared_devices()) std::cout << name << '\n';
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace crosstrace {

/// Devices named in `CROSSTRACE_DEVICES`, else the default ones: there are as many CUDA devices as
/// NVIDIA's device files that CUDA_VISIBLE_DEVICES does not hide, and at least one, so that a
/// machine without a GPU shows what it cannot run.
/// @throws std::invalid_argument as `parse_device_list` does, naming the variable.
std::vector<std::string> declared_devices();

/// `cpu`, the first two of `cuda_devices` devices `cuda:N`, `sim:0` and `sim:1`. Two find what one
/// hides, a baked `cuda:0`; each more makes the matrix larger and finds nothing else.
std::vector<std::string> default_devices(std::size_t cuda_devices);

/// Counts /dev/nvidia0, /dev/nvidia1, ...: the one way to see GPUs that opens no driver. 0 if /dev
/// cannot be read.
std::size_t nvidia_device_files();

/// The words between commas, without the blanks around them.
std::vector<std::string> split_list(std::string_view list);

/// Devices or device types that must not be absent, such as `cuda` or `cuda:1,sim`.
/// @param declared the devices of the matrix. A requirement that none of them can meet would never
/// be looked at, so it is refused.
/// @throws std::invalid_argument as `parse_device_list` does, or naming the word that is not among
/// `declared`.
std::vector<std::string> parse_required(std::string_view list, std::string_view source,
                                        const std::vector<std::string>& declared);

/// The same of `CROSSTRACE_REQUIRE_DEVICES`; nothing if it is not set or empty.
/// @throws std::invalid_argument as `parse_required` does, naming the variable.
std::vector<std::string> required_devices(const std::vector<std::string>& declared);

/// Splits `cpu,cuda,sim:1` and checks each name. A bare `cuda` stands for every `cuda:N` that is
/// not hidden, be they more than two, a bare `sim` for both.
/// @param source what the list came from, for the message.
/// @throws std::invalid_argument naming the source, the word, and what is known.
std::vector<std::string> parse_device_list(std::string_view list, std::string_view source);

/// The part before the colon: `cuda` of `cuda:0`.
std::string device_type(std::string_view name);

/// True if `name` or its type is among `required`.
bool is_required(std::string_view name, const std::vector<std::string>& required);

}  // namespace crosstrace
