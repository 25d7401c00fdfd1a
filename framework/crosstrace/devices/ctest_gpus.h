// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// GPUs as CTest hands them out: resources of type `gpus`, by the numbers that this machine gives
/// them (cmake-ctest(1), "Resource Allocation").
///
///     std::cout << crosstrace::ctest_spec({0, 1});
///     std::cout << crosstrace::visible_gpus({"id:1,slots:1"}, "4,6") << '\n';  // prints 6
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace crosstrace {

/// What `ctest --resource-spec-file` reads: these GPUs with one slot each, so that a test which was
/// given one has it alone. JSON, of version 1.0 of CTest's format.
std::string ctest_spec(const std::vector<int>& gpus);

/// The value for CUDA_VISIBLE_DEVICES that shows the GPUs of some groups and no others, each once,
/// in their order.
/// @param groups CTEST_RESOURCE_GROUP_<n>_GPUS of each group, such as `id:0,slots:1;id:3,slots:1`.
/// @param visible CUDA_VISIBLE_DEVICES as it is, if it is set: the number of a GPU counts its words.
/// Where it hides all GPUs, they stay hidden.
/// @throws std::invalid_argument for an id that is no number of a GPU.
std::string visible_gpus(const std::vector<std::string>& groups,
                         const std::optional<std::string>& visible);

/// Sets CUDA_VISIBLE_DEVICES to the GPUs that CTest gave to this process in CTEST_RESOURCE_GROUP_*,
/// at its first call; leaves it alone in a process that was given none. CUDA reads the variable when
/// it is initialised, so all functions that count, load or open CUDA call this first. Processes that
/// this one starts see the same GPUs.
/// @returns one line if the variables are wrong; empty if they are not.
const std::string& take_gpus_of_ctest();

}  // namespace crosstrace
