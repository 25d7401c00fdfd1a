// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What is known of the models in this folder: registered as any model is, with the verdict of
/// every cell, and here with what diagnosis must find in them.
///
///     CROSSTRACE_REGISTER(Ramp)
///         .function([](at::Tensor x) { return x + at::arange(3, x.options()); })
///         .inputs([] { return at::randn({3}); })
///         .expect_failure(moved(), Verdict::kError, kMixed);
///     ZOO_ENTRY(Ramp, "FACT-LIT").error("device-literal", "aten::arange").automatic();
#pragma once

#include <crosstrace/diagnose/finding.h>
#include <crosstrace/models/expectation.h>
#include <crosstrace/models/register.h>

#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace crosstrace::zoo {

/// What every refusal of mixed devices says.
inline constexpr const char* kMixed = "Expected all tensors to be on the same device";

/// What most of the archives say on a device other than the CPU, where they were made.
inline CellFilter elsewhere() { return !run_on("cpu"); }

/// One finding, or several of a kind.
struct ExpectedFinding {
  std::string rule;
  std::string operator_name;  ///< Empty for an attribute.
  Severity severity;
  int count;
  CellFilter exports;  ///< Of which exports: looks at kind and trace device alone.
};

/// What is known of one registered model.
struct Entry {
  std::string model;
  std::string defect;  ///< A class of defects, or `good`.
  std::vector<ExpectedFinding> findings;

  /// Exports whose whole matrix `repair` makes match.
  CellFilter automatic = !any_cell();

  /// Fails of what the devices in one graph do not tell, so its cells are not predicted.
  bool beyond_rules = false;
};

/// In the order of registration.
std::deque<Entry>& entries();

/// Describes one entry; every function returns the builder.
class EntryBuilder {
 public:
  EntryBuilder(std::string model, std::string defect) {
    entry_.model = std::move(model), entry_.defect = std::move(defect);
  }

  EntryBuilder& error(std::string rule, std::string op = "", int count = 1,
                      CellFilter exports = any_cell()) {
    return finding(Severity::kError, std::move(rule), std::move(op), count, std::move(exports));
  }
  EntryBuilder& warning(std::string rule, std::string op = "", int count = 1,
                        CellFilter exports = any_cell()) {
    return finding(Severity::kWarning, std::move(rule), std::move(op), count, std::move(exports));
  }

  /// A note that must be there. Others may be too: they never count as false.
  EntryBuilder& note(std::string rule, std::string op = "", int count = 1,
                     CellFilter exports = any_cell()) {
    return finding(Severity::kNote, std::move(rule), std::move(op), count, std::move(exports));
  }

  EntryBuilder& automatic(CellFilter exports = any_cell()) {
    entry_.automatic = std::move(exports);
    return *this;
  }
  EntryBuilder& beyond_rules() {
    entry_.beyond_rules = true;
    return *this;
  }

  Entry build() { return std::move(entry_); }

 private:
  EntryBuilder& finding(Severity severity, std::string rule, std::string op, int count,
                        CellFilter exports) {
    entry_.findings.push_back(
        {std::move(rule), std::move(op), severity, count, std::move(exports)});
    return *this;
  }

  Entry entry_;
};

struct EntryRegistration {
  // Implicit, because the macro's chain ends in a builder.
  EntryRegistration(EntryBuilder& builder) {  // NOLINT(google-explicit-constructor)
    entries().push_back(builder.build());
  }
  EntryRegistration(EntryBuilder&& builder) {  // NOLINT(google-explicit-constructor)
    entries().push_back(builder.build());
  }
};

}  // namespace crosstrace::zoo

/// `ZOO_ENTRY(Name, "FACT-LIT").error(...);` after CROSSTRACE_REGISTER(Name).
#define ZOO_ENTRY(Name, defect)                                                         \
  [[maybe_unused]] static const ::crosstrace::zoo::EntryRegistration zoo_entry_##Name = \
      ::crosstrace::zoo::EntryBuilder(#Name, defect)
