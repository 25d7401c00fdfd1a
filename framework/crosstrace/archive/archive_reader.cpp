// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/archive/archive_reader.h>

namespace crosstrace {

ArchiveReading read_without_weights(const Archive& archive) {
  std::vector<std::string> locations = archive.storage_locations();
  return {archive.without_weights(), std::move(locations), archive.home()};
}

}  // namespace crosstrace
