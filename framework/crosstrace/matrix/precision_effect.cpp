// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/call_method.h>
#include <crosstrace/compare/compare.h>
#include <crosstrace/devices/declared.h>
#include <crosstrace/devices/seed.h>
#include <crosstrace/graph/recorded_precision.h>
#include <crosstrace/matrix/cell.h>
#include <crosstrace/matrix/compare_answer.h>
#include <crosstrace/matrix/precision_effect.h>

#include <algorithm>

namespace crosstrace {
namespace {

/// A module of its own, since models may have state, called once with each input set.
class Caller {
 public:
  Caller(const Cell& cell, const Session& session, Precision precision)
      : cell_(cell),
        session_(session),
        precision_(precision),
        module_(cell.module_on(cell.id().run_device, precision)) {}

  c10::IValue answer(std::size_t set) {
    const Inputs inputs = cell_.inputs(set);
    const PrecisionScope scope(precision_);
    seed_generators(session_.options().seed);
    return call_method(module_, cell_.id().method, inputs);
  }

 private:
  const Cell& cell_;
  const Session& session_;
  Precision precision_;
  torch::jit::Module module_;
};

bool has_tf32(const Cell& cell) {
  const std::string type = device_type(cell.id().run_device);
  return type == "cuda" || type == "sim";
}

void add_difference(const c10::IValue& exported, const c10::IValue& strict,
                    PrecisionEffect& effect) {
  CompareOptions exact;
  exact.tolerance = Tolerance(0, 0);
  for (const LeafComparison& leaf : compare(exported, strict, exact).leaves) {
    effect.max_abs = std::max(effect.max_abs, leaf.max_abs);
    effect.max_rel = std::max(effect.max_rel, leaf.max_rel);
  }
}

}  // namespace

std::optional<PrecisionEffect> as_exported_effect(const Cell& cell, const Session& session,
                                                  const std::vector<c10::IValue>& strict) {
  if (!has_tf32(cell)) return std::nullopt;
  std::optional<PrecisionEffect> effect;
  const auto failure = guarded([&] {
    const auto placed = cell.placed_on(cell.id().run_device);
    if (!would_run_in_tf32(placed->module())) return;
    // The cell called each set several times, so with state only its very first answer compares.
    const std::size_t sets = placed->written().contains_state()
                                 ? std::min<std::size_t>(1, strict.size())
                                 : strict.size();
    Caller exported(cell, session, Precision::kAsExported);
    PrecisionEffect found;
    for (std::size_t set = 0; set < sets; ++set) {
      add_difference(exported.answer(set), strict[set], found);
    }
    effect = found;
  });
  return failure ? std::nullopt : effect;
}

bool matches_strictly(const Cell& cell, Session& session, std::size_t set) {
  if (!has_tf32(cell)) return false;
  const Reference& reference = session.reference(cell.model());
  if (reference.failure) return false;
  bool matches = false;
  const auto failure = guarded([&] {
    Caller strict(cell, session, Precision::kStrict);
    matches = compare_answer(cell.model(), cell.id(), session.options(), strict.answer(set),
                             reference.outputs.at(set).front())
                  .matches();
  });
  return !failure && matches;
}

}  // namespace crosstrace
