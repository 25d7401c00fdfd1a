// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// From an answer that is wrong to the operator that made it so. Used by `first_difference.cpp`.
#pragma once

#include <crosstrace/observe/detail/graph_prefix.h>
#include <crosstrace/observe/detail/patience.h>
#include <crosstrace/observe/difference.h>

#include <optional>
#include <string>
#include <vector>

namespace crosstrace::detail {

class DifferenceSearch {
 public:
  DifferenceSearch(GraphPrefix* reference, GraphPrefix& run, const DifferenceOptions& options,
                   Patience& patience);

  /// What is wrong with an answer of the run side; empty if it is right.
  std::string wrong(const c10::IValue& actual, const c10::IValue& expected) const;

  /// Where a tensor of an answer is, if that is not the run device. A tensor of no dimension may be
  /// anywhere, unless `count_zero_dims` was called.
  std::string wrong_device(const c10::IValue& actual) const;
  void count_zero_dims() { zero_dims_count_ = true; }

  /// From the output of forward, which is wrong, to the node that made it so.
  FirstDifference find();

 private:
  bool looks_for_devices() const;
  FirstDifference narrow_down(ValuePlace& place, int& last);

  /// What is wrong at each of the places, up to the first that is; one call of either side.
  std::vector<std::string> wrong_at(const std::vector<ValuePlace>& places, int last) const;
  std::string wrong_at(ValuePlace place, int last) const;
  bool is_wrong(ValuePlace place, int last) const { return !wrong_at(place, last).empty(); }
  std::optional<ValuePlace> first_wrong_of(const std::vector<ValuePlace>& places, int last) const;

  /// Bisects over the operators from which the value comes, in the order of execution. A wrong one
  /// takes the value's place.
  void narrow(ValuePlace& place, int& last) const;

  /// What reads a weight or puts values together is looked at as an operand of operators: half of all
  /// nodes are such, and right, and tell nothing about the others.
  bool can_be_wrong(int node) const;

  /// Nodes before that of `place` from whose outputs it is made, ascending.
  std::vector<int> sources_of(ValuePlace place) const;

  std::optional<ValuePlace> first_wrong_output(int node) const;

  /// The node after which the value is wrong: its own, or one that wrote into it.
  int first_wrong(ValuePlace place, int last) const;

  std::optional<ValuePlace> wrong_input(int node) const;

  /// Into the branch that is taken on both sides, or else their conditions would differ.
  bool step_into(ValuePlace& place, int& last);

  FirstDifference at(FirstDifference::Kind kind, int last) const;
  std::string first_wrong_words() const;
  FirstDifference blame(ValuePlace place, int last) const;

  /// With what is known by then: the value is wrong after its node, or after one that wrote into it.
  FirstDifference stopped_at(ValuePlace place, int last) const;

  GraphPrefix* reference_;  // Null for a search for devices.
  GraphPrefix& run_;
  const DifferenceOptions& options_;
  Patience& patience_;
  bool zero_dims_count_ = false;
};

}  // namespace crosstrace::detail
