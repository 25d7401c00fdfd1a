// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/models/tolerance_rule.h>

namespace crosstrace {

OutputFilter at_output(std::string path) {
  return OutputFilter([path = std::move(path)](const OutputId& id) {
    if (!id.path.starts_with(path)) return false;
    return id.path.size() == path.size() || id.path[path.size()] == '[' ||
           id.path[path.size()] == '.';
  });
}

OutputFilter of_dtype(c10::ScalarType dtype) {
  return OutputFilter(
      [name = std::string(c10::toString(dtype))](const OutputId& id) { return id.dtype == name; });
}

}  // namespace crosstrace
