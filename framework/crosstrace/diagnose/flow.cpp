// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/diagnose/detail/interpreter.h>
#include <crosstrace/diagnose/flow.h>

namespace crosstrace {

std::vector<Conflict> follow_devices(const Program& program, const Method& method,
                                     const Scenario& scenario) {
  return detail::Interpreter(program, method, scenario).run();
}

}  // namespace crosstrace
