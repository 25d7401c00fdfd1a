// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/diagnose/detail/trace_text.h>
#include <crosstrace/diagnose/trace_differences.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>

namespace crosstrace {
namespace {

using detail::Literal;
using detail::TraceLine;
using Lines = std::vector<TraceLine>;

constexpr std::size_t kContext = 2;   // Lines before and after a difference.
constexpr std::size_t kMaxLines = 5;  // Lines of each side that are shown.
constexpr std::size_t kWindow = 64;   // How far the traces may be apart to be seen to meet again.

Finding finding(const std::string& rule, const TraceLine& line) {
  Finding finding;
  finding.rule = rule;
  finding.method = "forward";
  finding.operator_name = line.kind;
  finding.source = line.source.line;
  finding.function = line.source.function;
  return finding;
}

/// Literals of these arguments are compared by rules of their own.
bool is_placement(const Literal& literal) {
  return literal.value.isDevice() || literal.argument == "device" || literal.argument == "dtype" ||
         literal.argument == "layout" || literal.argument == "pin_memory";
}

bool same_literal(const Literal& a, const Literal& b) {
  return a.argument == b.argument && detail::to_text(a.value) == detail::to_text(b.value);
}

/// Which literals a comparison looks at.
using Keep = std::function<bool(const Literal&)>;

bool same_literals(const TraceLine& a, const TraceLine& b, const Keep& keep) {
  std::vector<Literal> left, right;
  std::copy_if(a.literals.begin(), a.literals.end(), std::back_inserter(left), keep);
  std::copy_if(b.literals.begin(), b.literals.end(), std::back_inserter(right), keep);
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), same_literal);
}

bool same_operator(const TraceLine& a, const TraceLine& b) {
  return a.kind == b.kind && a.operands == b.operands;
}

bool same_but_for_placement(const TraceLine& a, const TraceLine& b) {
  const Keep keep = [](const Literal& literal) { return !is_placement(literal); };
  return same_operator(a, b) && same_literals(a, b, keep);
}

/// Where the traces do not agree: lines [begin, left_end) of one, [begin, right_end) of the other.
struct Gap {
  std::size_t begin;
  std::size_t left_end;
  std::size_t right_end;
};

/// The nearest place after `begin` from which on both traces have the same two kinds of operators.
Gap close(const Lines& left, const Lines& right, std::size_t begin) {
  const auto meet = [&](std::size_t i, std::size_t j) {
    for (std::size_t k = 0; k < 2; ++k) {
      const bool left_ends = i + k >= left.size(), right_ends = j + k >= right.size();
      if (left_ends || right_ends) return left_ends && right_ends;
      if (left[i + k].kind != right[j + k].kind) return false;
    }
    return true;
  };
  for (std::size_t apart = 1; apart < kWindow; ++apart) {
    for (std::size_t i = 0; i <= apart; ++i) {
      const std::size_t left_end = begin + i, right_end = begin + apart - i;
      if (left_end > left.size() || right_end > right.size()) continue;
      if (meet(left_end, right_end)) return {begin, left_end, right_end};
    }
  }
  return {begin, left.size(), right.size()};
}

template <class Same>
std::optional<Gap> first_gap(const Lines& left, const Lines& right, Same same) {
  const auto [a, b] = std::mismatch(left.begin(), left.end(), right.begin(), right.end(), same);
  if (a == left.end() && b == right.end()) return std::nullopt;
  const auto begin = static_cast<std::size_t>(a - left.begin());
  const bool same_kind = a != left.end() && b != right.end() && a->kind == b->kind;
  return same_kind ? Gap{begin, begin + 1, begin + 1} : close(left, right, begin);
}

void print(const Lines& lines, std::size_t begin, std::size_t end, const char* mark,
           std::string& text) {
  const std::size_t shown = std::min(end, begin + kMaxLines);
  for (std::size_t i = begin; i < shown; ++i) {
    text += mark + lines[i].text;
    if (lines[i].source.line) text += "  # " + lines[i].source.line->str();
    text += "\n";
  }
  if (shown < end) text += mark + std::string("... ") + std::to_string(end - shown) + " more\n";
}

std::string diff(const NamedTrace& first, const NamedTrace& second, const Lines& left,
                 const Lines& right, const Gap& gap) {
  std::string text = "--- " + first.name + "\n+++ " + second.name + "\n";
  print(left, gap.begin - std::min(gap.begin, kContext), gap.begin, " ", text);
  print(left, gap.begin, gap.left_end, "-", text);
  print(right, gap.begin, gap.right_end, "+", text);
  print(left, gap.left_end, std::min(left.size(), gap.left_end + kContext), " ", text);
  return text;
}

/// What a side does at a gap: the operator that the other has not.
std::string describe(const Lines& lines, std::size_t begin, std::size_t end) {
  return begin == end ? "nothing" : lines[begin].kind;
}

const TraceLine& line_at(const Lines& left, const Lines& right, const Gap& gap) {
  return gap.begin < gap.left_end ? left[gap.begin] : right[gap.begin];
}

/// One finding for each operator with a literal that differs.
std::vector<Finding> differing_literals(
    const Lines& left, const Lines& right, const Keep& keep,
    const std::function<Finding(const TraceLine&, const Literal&, const Literal&)>& say) {
  std::vector<Finding> findings;
  for (std::size_t i = 0; i < left.size(); ++i) {
    const auto &a = left[i].literals, &b = right[i].literals;
    for (std::size_t k = 0; k < std::min(a.size(), b.size()); ++k) {
      if (!keep(a[k]) || a[k].argument != b[k].argument || same_literal(a[k], b[k])) continue;
      findings.push_back(say(left[i], a[k], b[k]));
      break;
    }
  }
  return findings;
}

std::string dtype_name(const c10::IValue& value) {
  return value.isInt() ? c10::toString(static_cast<c10::ScalarType>(value.toInt()))
                       : detail::to_text(value);
}

Finding loop_over_size(const NamedTrace& first, const NamedTrace& second, const Lines& left,
                       const Lines& right, const Gap& gap) {
  Finding result = finding("baked-shape", line_at(left, right, gap));
  result.message = "The trace has " + std::to_string(left.size()) + " operators for inputs " +
                   first.name + " and " + std::to_string(right.size()) + " for " + second.name +
                   ", so it is right for inputs of the traced sizes alone.";
  result.advice = "Script the part that loops or branches over a size.";
  result.details = diff(first, second, left, right, gap);
  return result;
}

}  // namespace

std::vector<Finding> compare_devices(const NamedTrace& first, const NamedTrace& second) {
  const Lines left = detail::read_trace(*first.graph), right = detail::read_trace(*second.graph);
  const auto gap = first_gap(left, right, same_but_for_placement);
  if (!gap) return {};
  Finding result = finding("device-branch", line_at(left, right, *gap));
  const std::string on_first = describe(left, gap->begin, gap->left_end);
  const std::string on_second = describe(right, gap->begin, gap->right_end);
  const bool literal = on_first == on_second;
  result.message = "Traced on " + first.name + " the model records " + on_first + ", and on " +
                   second.name + " " + (literal ? "the same with other operands" : on_second) +
                   " in its place, so the device that it was traced on decides what it computes.";
  result.advice = "Take the branch out of forward, or script it.";
  result.details = diff(first, second, left, right, *gap);
  return {result};
}

std::vector<Finding> compare_sizes(const NamedTrace& first, const NamedTrace& second) {
  const Lines left = detail::read_trace(*first.graph), right = detail::read_trace(*second.graph);
  if (const auto gap = first_gap(left, right, same_operator))
    return {loop_over_size(first, second, left, right, *gap)};
  const Keep keep = [](const Literal& literal) { return !is_placement(literal); };
  return differing_literals(
      left, right, keep, [&](const TraceLine& line, const Literal& a, const Literal& b) {
        Finding result = finding("baked-shape", line);
        result.message = line.kind + " has the literal " + a.argument + " = " +
                         detail::to_text(a.value) + " where a trace of inputs " + second.name +
                         " has " + detail::to_text(b.value) +
                         ", so it is right for inputs of the traced sizes alone.";
        result.advice =
            "Write sizes that follow the input: -1, flatten, expand_as; or script the function.";
        return result;
      });
}

std::vector<Finding> compare_dtypes(const NamedTrace& first, const NamedTrace& second) {
  const Lines left = detail::read_trace(*first.graph), right = detail::read_trace(*second.graph);
  if (first_gap(left, right, same_operator)) return {};
  const Keep keep = [](const Literal& literal) { return literal.argument == "dtype"; };
  return differing_literals(
      left, right, keep, [&](const TraceLine& line, const Literal& a, const Literal& b) {
        Finding result = finding("baked-dtype", line);
        result.message = line.kind + " has the literal dtype " + dtype_name(a.value) +
                         " where a trace of " + second.name + " inputs has " + dtype_name(b.value) +
                         ", so in another precision it is not the model.";
        result.advice =
            "Make the tensor from another one, as torch::zeros_like(x) or x.new_zeros(...) do, and "
            "move tensors outside of the model.";
        return result;
      });
}

}  // namespace crosstrace
