// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/observe/detail/difference_search.h>
#include <crosstrace/observe/first_difference.h>

namespace crosstrace {
namespace {

using detail::DifferenceSearch;
using detail::GraphPrefix;
using detail::Patience;

FirstDifference not_reproduced(const GraphPrefix& run) {
  FirstDifference blame;
  if (run.has_state()) {
    blame.kind = FirstDifference::Kind::kState;
    blame.message = "the first call is right; forward writes into its module, so later ones differ";
    return blame;
  }
  blame.kind = FirstDifference::Kind::kOptimiser;
  blame.message =
      "not reproduced by TorchScript's plain interpreter: its optimiser or a fuser did it";
  return blame;
}

FirstDifference by_export() {
  FirstDifference blame;
  blame.kind = FirstDifference::Kind::kExport;
  blame.message =
      "the export answers alike on cpu, so it is the export that differs from the model, and not "
      "the device; compare its traces of other devices and input sizes";
  return blame;
}

FirstDifference find_wrong_device(const DifferenceSide& run, const DifferenceOptions& options) {
  Patience patience(options.limit);
  GraphPrefix probe(run, options.seed);
  DifferenceSearch search(nullptr, probe, options, patience);
  const c10::IValue actual = probe.run_all();
  if (search.wrong_device(actual).empty()) search.count_zero_dims();
  if (search.wrong_device(actual).empty()) return not_reproduced(probe);
  return search.find();
}

FirstDifference find_difference(const DifferenceSide& reference, const DifferenceSide& run,
                                const DifferenceOptions& options) {
  Patience patience(options.limit);
  GraphPrefix run_probe(run, options.seed);
  GraphPrefix reference_probe(reference, options.seed);
  if (run_probe.nodes().size() != reference_probe.nodes().size()) return {};
  DifferenceSearch search(&reference_probe, run_probe, options, patience);
  const c10::IValue actual = run_probe.run_all();
  if (!search.wrong(actual, reference_probe.run_all()).empty()) return search.find();
  if (!options.expected) return not_reproduced(run_probe);
  const bool matches = search.wrong(actual, *options.expected).empty();
  return matches ? not_reproduced(run_probe) : by_export();
}

}  // namespace

FirstDifference find_first_difference(const DifferenceSide& reference, const DifferenceSide& run,
                                      const DifferenceOptions& options) {
  return options.search == DifferenceOptions::Search::kWrongDevice
             ? find_wrong_device(run, options)
             : find_difference(reference, run, options);
}

}  // namespace crosstrace
