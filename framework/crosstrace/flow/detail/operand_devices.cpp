// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/core/Tensor.h>
#include <crosstrace/flow/detail/operand_devices.h>

#include <algorithm>

namespace crosstrace::detail {
namespace {

using Kind = AbstractValue::Kind;

/// Two operands with two places each make four; a loop over many is cut short.
constexpr std::size_t kMaxChoices = 32;

bool differ(const std::vector<const DeviceOrigin*>& choice) {
  return std::any_of(choice.begin(), choice.end(),
                     [&](const DeviceOrigin* place) { return place->device != choice[0]->device; });
}

void insert(DeviceOriginSet& set, const DeviceOrigin* place) {
  if (std::find(set.begin(), set.end(), place) == set.end()) set.push_back(place);
}

}  // namespace

OperandDevices::OperandDevices(const torch::jit::Node& node, const OperatorInfo& info,
                               const std::vector<const AbstractValue*>& arguments,
                               c10::Device run_device, Verdicts& verdicts)
    : node_(node),
      info_(info),
      arguments_(arguments),
      run_device_(run_device),
      verdicts_(verdicts) {
  const auto host = host_argument(info);
  for (const std::size_t index : info.tensors) {
    if (index == host) continue;
    const c10::AliasInfo* alias = info.schema->arguments()[index].alias_info();
    const bool is_written = alias != nullptr && alias->isWrite();
    visit_tensors(*arguments[index], [&](const AbstractValue& tensor) {
      most_dims_ = std::max(most_dims_, tensor.rank == AbstractValue::kSomeDims ? 1 : tensor.rank);
      if (tensor.places.empty()) return;
      operands_.push_back({index, &tensor, dtype_of(index), is_written});
    });
  }
}

c10::ScalarType OperandDevices::dtype_of(std::size_t argument) const {
  if (const auto* type = node_.input(argument)->type()->castRaw<c10::TensorType>()) {
    if (type->scalarType()) return *type->scalarType();
  }
  const std::string& name = info_.schema->arguments()[argument].name();
  if (name == "indices" || name == "index") return c10::kLong;
  if (name == "mask" || name == "condition") return c10::kBool;
  return c10::kFloat;
}

std::vector<OperandDevices::Choice> OperandDevices::choices() const {
  std::vector<Choice> choices(1);
  for (const Operand& operand : operands_) {
    std::vector<Choice> longer;
    for (const Choice& choice : choices) {
      for (const DeviceOrigin* place : operand.fact->places) {
        longer.push_back(choice);
        longer.back().push_back(place);
        if (longer.size() >= kMaxChoices) break;
      }
    }
    choices = std::move(longer);
  }
  return choices;
}

/// The Meta kernel of an operator in place complains of shapes before it looks at devices: what it
/// writes has as many dims as any other, or the call fails everywhere.
int OperandDevices::rank_to_try(const Operand& operand, int unknown_rank) const {
  const int rank = operand.fact->rank;
  if (rank >= 0) return rank;
  const bool has_most = rank == AbstractValue::kSomeDims || operand.is_written || unknown_rank > 0;
  const int least = rank == AbstractValue::kSomeDims ? 1 : unknown_rank;
  return has_most ? std::max(least, most_dims_) : least;
}

DeviceMix OperandDevices::try_ranks(const Choice& choice, int unknown_rank) const {
  std::vector<c10::IValue> values;
  std::size_t operand = 0;
  const auto next = [&](const AbstractValue& fact) -> at::Tensor {
    if (fact.places.empty()) return phantom(run_device_, 1, c10::kFloat);
    const Operand& known = operands_[operand];
    return phantom(choice[operand++]->device, rank_to_try(known, unknown_rank), known.dtype);
  };
  for (std::size_t i = 0; i < arguments_.size(); ++i) {
    const AbstractValue& fact = *arguments_[i];
    const c10::Argument& formal = info_.schema->arguments()[i];
    const bool held =
        std::find(info_.tensors.begin(), info_.tensors.end(), i) != info_.tensors.end() &&
        i != host_argument(info_);
    if (held && fact.kind == Kind::kTensor) {
      values.emplace_back(next(fact));
    } else if (held && fact.contents) {
      c10::impl::GenericList list(formal.type()->containedTypes().empty()
                                      ? c10::TypePtr(c10::TensorType::get())
                                      : formal.type()->containedTypes()[0]);
      visit_tensors(fact, [&](const AbstractValue& item) { list.push_back(next(item)); });
      values.emplace_back(std::move(list));
    } else if (fact.kind == Kind::kConstant) {
      values.push_back(fact.constant);
    } else {
      values.push_back(placeholder(formal));
    }
  }
  return judge_device_mix(info_, std::move(values));
}

/// Numbers among the arguments may matter too: `accumulate` of index_put.
std::string OperandDevices::key(const Choice& choice) const {
  std::string key = info_.name;
  for (std::size_t i = 0; i < choice.size(); ++i) {
    key += ' ' + choice[i]->device.str() + ',' + std::to_string(operands_[i].fact->rank) + ',' +
           std::to_string(operands_[i].argument) + c10::toString(operands_[i].dtype);
  }
  for (const AbstractValue* fact : arguments_) {
    if (fact->kind == Kind::kConstant && fact->constant.isBool()) {
      key += fact->constant.toBool() ? 't' : 'f';
    }
  }
  return key;
}

DeviceMix OperandDevices::try_choice(const Choice& choice) const {
  if (!differ(choice)) return DeviceMix::kTaken;
  const auto [entry, is_new] = verdicts_.try_emplace(key(choice), DeviceMix::kTaken);
  if (is_new) entry->second = judge_choice(choice);
  return entry->second;
}

DeviceMix OperandDevices::judge_choice(const Choice& choice) const {
  const DeviceMix with_dims = try_ranks(choice, 1);
  const bool told = std::all_of(operands_.begin(), operands_.end(), [](const Operand& operand) {
    return operand.fact->rank != AbstractValue::kUnknownRank;
  });
  if (told) return with_dims;
  const DeviceMix without = try_ranks(choice, 0);
  return with_dims == without ? with_dims : DeviceMix::kMayBeRefused;
}

/// The operands that would be refused if they alone were elsewhere; all that are, if none would.
void OperandDevices::blame(const Choice& choice, DeviceOrigins& places, Outcome& outcome) const {
  const DeviceOrigin* here = places.make(run_device_, {}, nullptr);
  bool found = false;
  for (std::size_t i = 0; i < choice.size(); ++i) {
    if (choice[i]->device == run_device_) {
      insert(outcome.involved, choice[i]);
      continue;
    }
    Choice alone(choice.size(), here);
    alone[i] = choice[i];
    if (try_choice(alone) == DeviceMix::kTaken) continue;
    insert(outcome.involved, choice[i]);
    found = true;
  }
  if (found) return;
  for (const DeviceOrigin* place : choice) insert(outcome.involved, place);
}

/// Where an operator that takes the mixture puts its result: TensorIterator on the first device
/// that is not the CPU (compute_types of aten/src/ATen/TensorIterator.cpp), indexing on the indexed
/// one.
const DeviceOrigin* OperandDevices::result_place(const Choice& choice) const {
  if (info_.base == "index" || info_.base == "index_put") return choice[0];
  for (const DeviceOrigin* place : choice) {
    if (!place->device.is_cpu()) return place;
  }
  return choice[0];
}

OperandDevices::Outcome OperandDevices::judge(DeviceOrigins& places) const {
  Outcome outcome;
  bool all_refused = true;
  for (const Choice& choice : choices()) {
    const DeviceMix verdict = try_choice(choice);
    all_refused = all_refused && verdict == DeviceMix::kRefused;
    if (verdict == DeviceMix::kTaken) {
      insert(outcome.places, result_place(choice));
    } else {
      outcome.verdict = DeviceMix::kMayBeRefused;
      blame(choice, places, outcome);
    }
  }
  if (all_refused) outcome.verdict = DeviceMix::kRefused;
  return outcome;
}

}  // namespace crosstrace::detail
