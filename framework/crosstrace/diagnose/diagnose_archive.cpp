// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/diagnose/diagnose_archive.h>

namespace crosstrace {

Diagnosis diagnose_archive(const Archive& archive,
                           const std::vector<std::pair<Transfer, std::string>>& cells) {
  DiagnoseOptions options;
  options.home = archive.home();
  options.storage_locations = archive.storage_locations();
  return diagnose(archive.without_weights(), options, cells);
}

}  // namespace crosstrace
