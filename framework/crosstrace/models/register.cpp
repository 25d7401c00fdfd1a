// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/models/register.h>
#include <crosstrace/models/registry.h>

#include <stdexcept>

namespace crosstrace {

ModelBuilder& ModelBuilder::tolerance(double rtol, double atol) {
  try {
    model_.tolerance = Tolerance(rtol, atol);
  } catch (const std::invalid_argument& error) {
    model_.problem = error.what();
  }
  return *this;
}

ModelBuilder& ModelBuilder::tolerance(OutputFilter outputs, double rtol, double atol) {
  try {
    model_.tolerance_rules.push_back({std::move(outputs), Tolerance(rtol, atol)});
  } catch (const std::invalid_argument& error) {
    model_.problem = error.what();
  }
  return *this;
}

ModelBuilder& ModelBuilder::inspection(InspectionLevel level, std::string why) {
  if (why.empty()) model_.problem = "inspection() needs to say why it has another level";
  model_.inspection = level;
  model_.inspection_reason = std::move(why);
  return *this;
}

ModelBuilder& ModelBuilder::trusted(std::string why) {
  if (why.empty()) model_.problem = "trusted() needs to say why a match would prove something";
  model_.trusted = std::move(why);
  return *this;
}

ModelBuilder& ModelBuilder::inputs(InputsOfMethods sets) {
  for (auto& [method, generators] : sets) {
    auto& place = method == "forward" ? model_.inputs : model_.method_inputs[method];
    place.insert(place.end(), generators.begin(), generators.end());
  }
  return *this;
}

ModelBuilder& ModelBuilder::expect_failure(CellFilter cells, Verdict verdict, FailureCause cause) {
  if (!is_failure(verdict) || cause.text().empty()) {
    model_.problem = "expect_failure needs a verdict that is a failure and words of its message";
  }
  model_.expectations.push_back({std::move(cells), verdict, std::move(cause)});
  return *this;
}

Registration::Registration(ModelBuilder&& builder) { Registry::instance().add(builder.build()); }

Registration::Registration(ModelBuilder& builder) { Registry::instance().add(builder.build()); }

}  // namespace crosstrace
