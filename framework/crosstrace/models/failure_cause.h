// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// What a declared failure must say.
///
///     const crosstrace::FailureCause words = "no kernel";
///     const crosstrace::FailureCause longer({[](const std::string& cause) { return cause.size() > 20; },
///                                            "is longer than 20 characters"});
///     std::cout << words.accepts("there is no kernel") << ' ' << longer.accepts("none") << '\n';  // prints 1 0
#pragma once

#include <concepts>
#include <functional>
#include <string>
#include <utility>

namespace crosstrace {

/// Makes a cause of another library's matcher: a specialisation has
/// `static FailureCause::Predicate make(const Matcher&)`. gtest/message_matcher.h has GoogleMock's.
template <class Matcher>
struct FailureCauseOf;

/// What is asked is the cause alone, of an exception its own text: no call number, no path or line
/// of a file, no traceback, and nothing that was found out afterwards.
class FailureCause {
 public:
  struct Predicate {
    std::function<bool(const std::string& cause)> accepts;
    std::string text;  ///< For people: `has substring "weights"`. Never empty.
  };

  explicit FailureCause(Predicate predicate) : predicate_(std::move(predicate)) {}

  // Implicit, so that words or a matcher can be given where a cause is wanted.

  /// Words that must occur in it.
  FailureCause(std::string words)  // NOLINT(google-explicit-constructor)
      : predicate_{[words](const std::string& cause) { return cause.find(words) != words.npos; },
                   words} {}
  FailureCause(const char* words)  // NOLINT(google-explicit-constructor)
      : FailureCause(std::string(words)) {}

  template <class Matcher>
  requires(!std::convertible_to<const Matcher&, std::string>) && requires(const Matcher& matcher) {
    FailureCauseOf<Matcher>::make(matcher);
  }
  FailureCause(const Matcher& matcher)  // NOLINT(google-explicit-constructor)
      : predicate_(FailureCauseOf<Matcher>::make(matcher)) {}

  bool accepts(const std::string& cause) const { return predicate_.accepts(cause); }
  const std::string& text() const noexcept { return predicate_.text; }

 private:
  Predicate predicate_;
};

}  // namespace crosstrace
