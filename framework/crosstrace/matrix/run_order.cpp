// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/matrix/run_order.h>

#include <algorithm>
#include <numeric>

namespace crosstrace {
namespace {

/// Numbers things in the order in which they are met.
template <class Thing>
class Numbers {
 public:
  int of(const Thing& thing) {
    return numbers_.try_emplace(thing, static_cast<int>(numbers_.size())).first->second;
  }

 private:
  std::map<Thing, int> numbers_;
};

int rank_of(Transfer transfer) {
  switch (transfer) {
    case Transfer::kAsTraced:
      return 0;
    case Transfer::kTo:
      return 1;
    case Transfer::kLoad:
      return 2;
  }
  return 3;
}

void count_off_one(int& count) { count = std::max(0, count - 1); }

template <class Key>
bool has_some(const std::map<Key, int>& counts, const Key& key) {
  const auto found = counts.find(key);
  return found != counts.end() && found->second > 0;
}

}  // namespace

std::vector<std::size_t> running_order(const std::vector<CellId>& cells) {
  using Rank = std::tuple<int, int, int, int>;
  Numbers<std::string> models, devices;
  Numbers<std::pair<ExportKind, std::string>> exports;
  std::vector<Rank> ranks;
  for (const CellId& cell : cells) {
    ranks.emplace_back(models.of(cell.model), exports.of({cell.export_kind, cell.trace_device}),
                       rank_of(cell.transfer), devices.of(cell.run_device));
  }
  std::vector<std::size_t> order(cells.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return ranks[a] < ranks[b]; });
  return order;
}

CellsToCome::ExportKey CellsToCome::key_of(const CellId& cell) {
  return {cell.model, cell.export_kind, cell.trace_device};
}

CellsToCome::CellsToCome(const std::vector<CellId>& cells) {
  for (const CellId& cell : cells) {
    ++exports_[key_of(cell)];
    ++models_[cell.model];
  }
}

void CellsToCome::count_off(const CellId& cell) {
  count_off_one(exports_[key_of(cell)]);
  count_off_one(models_[cell.model]);
}

bool CellsToCome::has_export(const CellId& cell) const { return has_some(exports_, key_of(cell)); }

bool CellsToCome::has_model(const std::string& model) const { return has_some(models_, model); }

}  // namespace crosstrace
