// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include "zoo/zoo.h"

namespace crosstrace::zoo {

std::deque<Entry>& entries() {
  static std::deque<Entry> all;
  return all;
}

}  // namespace crosstrace::zoo
