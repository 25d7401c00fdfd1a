// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// The simulated device in the place of CUDA devices that this machine lacks.
///
///     const crosstrace::StandIns stand_ins = crosstrace::find_stand_ins({"cuda:0"});
///     std::cout << crosstrace::describe_stand_ins(stand_ins) << '\n';  // cuda:0, sim:0 standing in
#pragma once

#include <map>
#include <string>
#include <vector>

namespace crosstrace {

/// By the CUDA device that is absent, with its index: the simulated one that stands in for it.
using StandIns = std::map<std::string, std::string>;

/// `sim:N` for each `cuda:N` among `devices` that is absent; `cuda` alone is `cuda:0`. Nothing
/// stands in for a device that is broken, for a third CUDA device, or where the simulated device
/// itself is absent. Looks at the CUDA devices first, so that CUDA is loaded in time; looks at
/// nothing if `devices` names none.
StandIns find_stand_ins(const std::vector<std::string>& devices);

/// The device that `name` is on this machine: itself, unless another one stands in for it.
std::string device_here(const std::string& name, const StandIns& stand_ins);

/// `cuda:0, sim:0 standing in`, for reports; empty if nothing stands in.
std::string describe_stand_ins(const StandIns& stand_ins);

/// What to say of a program that asks if a tensor is on CUDA where `twin`, `sim:0`, stands in.
std::string not_stood_in_for(const std::string& twin);

}  // namespace crosstrace
