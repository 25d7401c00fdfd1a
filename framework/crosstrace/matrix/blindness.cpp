// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/base/tensors_in.h>
#include <crosstrace/compare/bitwise.h>
#include <crosstrace/devices/seed.h>
#include <crosstrace/export/export.h>
#include <crosstrace/matrix/blindness.h>
#include <crosstrace/matrix/crash_guard.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace crosstrace {
namespace {

constexpr std::uint64_t kOtherSeeds = 3;

/// Up to what a float16 (65504) does not hold, where it becomes infinite and is left out, and far
/// beyond what a trained bias outweighs.
constexpr std::array kFactors = {10.0, -10.0, 1e3, -1e3, 1e5, -1e5, 1e7, -1e7};

using Change = std::function<at::Tensor(const at::Tensor&)>;

Inputs changed(Inputs inputs, const Change& change) {
  for (c10::IValue& input : inputs) {
    change_tensors(input, [&](const at::Tensor& tensor) {
      return tensor.defined() ? change(tensor) : tensor;
    });
  }
  return inputs;
}

bool is_real(const at::Tensor& tensor) { return tensor.is_floating_point() || tensor.is_complex(); }

/// What the integers and truth values of an input may be as well, without leaving their range.
std::vector<Change> changes_of_integers() {
  const auto on_integers = [](const Change& change) -> Change {
    return [change](const at::Tensor& tensor) {
      const bool is_other = is_real(tensor) || tensor.is_quantized() || tensor.numel() == 0;
      if (is_other) return tensor;
      return tensor.scalar_type() == at::kBool ? tensor.logical_not() : change(tensor);
    };
  };
  return {on_integers([](const at::Tensor& t) { return t.flatten().flip(0).view(t.sizes()); }),
          on_integers([](const at::Tensor& t) { return at::full_like(t, t.min().item()); }),
          on_integers([](const at::Tensor& t) { return at::full_like(t, t.max().item()); })};
}

/// Each makes one other input when it is needed.
std::vector<std::function<Inputs()>> other_inputs(const Model& model, const BlindnessProbe& probe) {
  std::vector<std::function<Inputs()>> others;
  for (std::uint64_t i = 1; i <= kOtherSeeds; ++i) {
    others.emplace_back([&, i] { return make_inputs(model, probe.set, probe.seed + i); });
  }
  const auto noisy = [&] {
    seed_generators(probe.seed);
    return changed(probe.inputs, [](const at::Tensor& tensor) {
      return is_real(tensor) ? tensor + at::rand_like(tensor) : tensor;
    });
  };
  others.emplace_back(noisy);
  for (const double factor : kFactors) {
    others.emplace_back([noisy, factor] {
      return changed(noisy(), [factor](const at::Tensor& tensor) {
        return is_real(tensor) ? tensor * factor : tensor;
      });
    });
  }
  for (const Change& change : changes_of_integers()) {
    others.emplace_back([&, change] { return changed(probe.inputs, change); });
  }
  return others;
}

bool is_finite(const c10::IValue& value) {
  bool finite = true;
  visit_tensors(value, [&](const at::Tensor& tensor) {
    if (tensor.layout() == at::kStrided && !tensor.is_nested() && is_real(tensor)) {
      finite = finite && at::isfinite(tensor).all().item<bool>();
    }
  });
  return finite;
}

enum class Answer { kSame, kOther, kNone };

/// Asks with one other input.
class Prober {
 public:
  Prober(const Inputs& first, const c10::IValue& expected,
         const std::function<c10::IValue(const Inputs&)>& answer)
      : first_(c10::ivalue::Tuple::create(first)),
        expected_(expected),
        is_finite_(is_finite(expected)),
        answer_(answer) {}

  Answer ask(const Inputs& inputs) const {
    const c10::IValue all = c10::ivalue::Tuple::create(inputs);
    if (bitwise_equal(all, first_) || !is_finite(all)) return Answer::kNone;
    Answer result = Answer::kOther;  // Of one who refuses it.
    (void)guarded([&] {
      const c10::IValue output = answer_(inputs);
      if (bitwise_equal(output, expected_)) {
        result = Answer::kSame;
      } else if (is_finite_ && !is_finite(output)) {
        result = Answer::kNone;
      }
    });
    return result;
  }

 private:
  c10::IValue first_;
  const c10::IValue& expected_;
  bool is_finite_;
  const std::function<c10::IValue(const Inputs&)>& answer_;
};

}  // namespace

std::string why_blind(const Model& model, const BlindnessProbe& probe, const c10::IValue& expected,
                      const std::function<c10::IValue(const Inputs&)>& answer) {
  int same = 0;
  bool is_blind = true;
  const auto failure = guarded([&] {
    const Prober prober(probe.inputs, expected, answer);
    for (const auto& make : other_inputs(model, probe)) {
      const Answer result = prober.ask(make());
      if (result == Answer::kSame) ++same;
      if (result == Answer::kOther) is_blind = false;
      if (!is_blind) return;
    }
  });
  if (failure || !is_blind || same == 0) return {};
  return "the answer is the same for " + std::to_string(same) +
         " other inputs (other seeds, noise, numbers up to 1e7 times as great, integers in another "
         "order), so a match would prove nothing";
}

}  // namespace crosstrace
