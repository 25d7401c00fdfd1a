// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/devices/discovery.h>
#include <crosstrace/devices/move.h>
#include <crosstrace/export/copy_module.h>
#include <crosstrace/matrix/placements.h>

#include <algorithm>
#include <utility>

namespace crosstrace {
namespace {

constexpr std::size_t kLittle = std::size_t{64} << 20;

/// LibTorch reads each tensor to the CPU before it goes to its device. Where one makes up most of the
/// weights, that is as much as a copy of all.
bool is_read_in_pieces(const PlacedExport& placed) {
  return placed.bytes() <= kLittle || placed.largest_bytes() <= placed.bytes() / 4;
}

}  // namespace

Placements::Placed Placements::place(const Export& exported, Transfer transfer,
                                     const std::string& name) {
  const c10::Device device = to_device(name);
  if (transfer == Transfer::kLoad) return loaded(exported, device);
  if (transfer == Transfer::kTo) return moved(exported, device);
  return as_made(exported);
}

Placements::Placed Placements::place_on_cpu(const Export& exported) {
  if (Placed loaded = find(exported, Transfer::kLoad, c10::kCPU)) return loaded;
  Placed made = as_made(exported);
  if (made->lies_wholly_on(c10::kCPU)) return made;
  ++counts_.loads;
  return add(exported, Transfer::kLoad, c10::kCPU, exported.load(c10::kCPU));
}

Placements::Placed Placements::as_made(const Export& exported) {
  make_room(exported);
  Placed placed = find(exported, Transfer::kAsTraced, c10::kCPU);
  if (!placed) {
    const torch::jit::Module* module = exported.module();
    if (module == nullptr) ++counts_.loads;
    placed = add(exported, Transfer::kAsTraced, c10::kCPU,
                 module == nullptr ? exported.copy() : *module);
  }
  made_ = {&exported, placed};
  return placed;
}

Placements::Placed Placements::moved(const Export& exported, c10::Device device) {
  Placed placed = find(exported, Transfer::kTo, device);
  if (!placed) {
    const Placed made = as_made(exported);
    if (made->lies_on(device)) return made;
    away_ = {};
    ++counts_.moves;
    torch::jit::Module module = copy_module(made->module(), [](const at::Tensor&) { return true; });
    move_module(module, device);
    placed = add(exported, Transfer::kTo, device, std::move(module));
  }
  away_ = {&exported, placed};
  return placed;
}

Placements::Placed Placements::loaded(const Export& exported, c10::Device device) {
  Placed placed = find(exported, Transfer::kLoad, device);
  if (!placed) {
    make_room_for_load(exported);
    ++counts_.loads;
    placed = add(exported, Transfer::kLoad, device, exported.load(device));
  }
  away_ = {&exported, placed};
  return placed;
}

/// Null if it is not there, or was spoiled: then it has to be made anew.
Placements::Placed Placements::find(const Export& exported, Transfer transfer, c10::Device device) {
  std::erase_if(places_, [](const Place& place) { return place.placed.expired(); });
  const auto found = std::find_if(places_.begin(), places_.end(), [&](const Place& place) {
    return place.exported == &exported && place.transfer == transfer && place.device == device;
  });
  if (found == places_.end()) return nullptr;
  Placed placed = found->placed.lock();
  if (!placed->was_spoiled()) return placed;
  if (exported.module() != nullptr && transfer == Transfer::kAsTraced) return placed;
  distrusted_.insert(&exported);
  places_.erase(found);
  return nullptr;
}

Placements::Placed Placements::add(const Export& exported, Transfer transfer, c10::Device device,
                                   torch::jit::Module module) {
  const bool is_trusted = !distrusted_.contains(&exported);
  Placed placed = std::make_shared<PlacedExport>(
      std::move(module),
      is_trusted ? PlacedExport::Sharing::kUnwritten : PlacedExport::Sharing::kNothing);
  places_.push_back({&exported, transfer, device, placed});
  return placed;
}

/// Of other exports nothing stays.
void Placements::make_room(const Export& exported) {
  if (made_.exported != nullptr && made_.exported != &exported) {
    if (was_spoiled(*made_.exported)) spoiled_.insert(made_.exported);
    made_ = {};
  }
  if (away_.exported != &exported) away_ = {};
}

void Placements::make_room_for_load(const Export& exported) {
  make_room(exported);
  away_ = {};
  const bool can_stay =
      exported.module() != nullptr || made_.exported == nullptr || is_read_in_pieces(*made_.placed);
  if (!can_stay) made_ = {};
}

bool Placements::was_spoiled(const Export& exported) const {
  if (exported.module() == nullptr) return false;
  return spoiled_.contains(&exported) ||
         std::any_of(places_.begin(), places_.end(), [&](const Place& place) {
           const Placed placed = place.placed.lock();
           return place.exported == &exported && place.transfer == Transfer::kAsTraced && placed &&
                  placed->was_spoiled();
         });
}

void Placements::let_go(const Export& exported) {
  if (made_.exported == &exported) made_ = {};
  if (away_.exported == &exported) away_ = {};
  std::erase_if(places_, [&](const Place& place) { return place.exported == &exported; });
  spoiled_.erase(&exported);
  distrusted_.erase(&exported);
}

}  // namespace crosstrace
