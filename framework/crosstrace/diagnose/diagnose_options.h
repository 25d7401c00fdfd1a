// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What diagnosis is told besides the export.
///
///     crosstrace::DiagnoseOptions options;
///     options.home = "cuda:0";
///     options.id_prefix = "net-";
///     const auto diagnosis = crosstrace::diagnose(crosstrace::Export("baked.pt").copy(), options);
///     std::cout << diagnosis.findings.front().id << '\n';  // prints net-implicit-cpu-1
#pragma once

#include <string>
#include <vector>

namespace crosstrace {

struct DiagnoseOptions {
  /// The device that the export was made on; `unknown`: told from its literals and tensors.
  std::string home = "unknown";

  std::string method = "forward";  ///< What predictions are about; findings are about all methods.

  std::vector<std::string> storage_locations;  ///< Devices that an archive's storages name.

  /// Devices that this machine lacks, and that another one stands in for.
  std::vector<std::string> stood_in;

  /// Types of devices for which kernels are looked up.
  std::vector<std::string> targets = {"cpu", "cuda"};

  std::string id_prefix;  ///< In front of every finding's id.
};

}  // namespace crosstrace
