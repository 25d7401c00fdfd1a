// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/flow/detail/interpreter.h>
#include <crosstrace/flow/follow_devices.h>

namespace crosstrace {

std::vector<Conflict> follow_devices(const Program& program, const InlinedMethod& method,
                                     const Scenario& scenario) {
  return detail::Interpreter(program, method, scenario).run();
}

}  // namespace crosstrace
