// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Where an archive can be run on this machine to see what it should answer.
///
///     const crosstrace::Archive archive("model.pt");
///     for (const crosstrace::ArchiveHome& home : crosstrace::homes_here(archive, {}))
///       std::cout << crosstrace::describe(home) << '\n';  // prints the CPU
#pragma once

#include <crosstrace/archive/archive.h>
#include <crosstrace/devices/stand_in.h>
#include <crosstrace/models/cell_id.h>

#include <string>
#include <vector>

namespace crosstrace {

struct ArchiveHome {
  std::string name = "cpu";    ///< Where it was made.
  std::string device = "cpu";  ///< That one, or the one that stands in for it.

  /// How it gets there: as it was saved if a tensor of it was saved there, else loaded onto it.
  Transfer transfer = Transfer::kLoad;
};

/// Its homes that are here or have a stand-in, the likeliest first, and last of all the only CUDA
/// device that it names in transfers, should it answer nowhere else; the CPU if nothing tells where
/// it was made, or none of them is here. Probes those devices.
std::vector<ArchiveHome> homes_here(const Archive& archive, const StandIns& stand_ins);

/// One of its homes, whether the device is here or not. Probes nothing.
/// @throws as `Archive::storage_locations` does.
ArchiveHome home_here(const Archive& archive, const std::string& name, const StandIns& stand_ins);

/// What a report of an archive and the plan of its cells begin with.
struct Whereabouts {
  std::string home = "unknown";  ///< Where it was made: of several homes the one where it answers.
  StandIns stand_ins;
};

/// `the CPU`, or `cuda:0, sim:0 standing in`.
std::string describe(const ArchiveHome& home);

}  // namespace crosstrace
