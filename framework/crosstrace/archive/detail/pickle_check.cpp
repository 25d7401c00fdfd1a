// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/archive/detail/pickle_check.h>
#include <crosstrace/archive/detail/pickle_reader.h>

#include <stdexcept>
#include <string>

namespace crosstrace::detail {

void check_pickle(std::string_view pickle) {
  PickleReader reader(pickle);
  for (PickleOp op = reader.next(); op.code != '.'; op = reader.next()) {
    if (op.is_put() && op.number > pickle.size()) {
      throw std::runtime_error("memo entry " + std::to_string(op.number) + " at byte " +
                               std::to_string(op.begin));
    }
  }
}

}  // namespace crosstrace::detail
