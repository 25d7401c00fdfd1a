// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Which weights are in memory: devices take turns.
///
///     const crosstrace::Model model = crosstrace::ModelBuilder("Double", {"double.cpp", 1})
///                                         .function([](at::Tensor x) { return 2 * x; })
///                                         .inputs([] { return at::rand({3}); })
///                                         .build();
///     const auto exported = crosstrace::export_model(model, crosstrace::ExportKind::kTrace, "cpu");
///     crosstrace::Placements placements;
///     for (int cell = 0; cell < 3; ++cell)
///       (void)placements.place(exported, crosstrace::Transfer::kLoad, "sim:0");
///     std::cout << placements.counts().loads << " load\n";  // prints 1 load
#pragma once

#include <crosstrace/export/export.h>
#include <crosstrace/matrix/placed_export.h>
#include <crosstrace/models/cell_id.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace crosstrace {

/// Keeps two placements at the most: an export as it was made, from which it is moved, and one that
/// was moved or loaded to another device. Whatever does not fit is let go before the next is made;
/// while somebody else holds it, it is found again. Exports are told apart by their address: `let_go` of one before
/// it ends. For one thread.
class Placements {
 public:
  /// How often weights were brought somewhere. For those who want to know what cells cost.
  struct Counts {
    int loads = 0;  ///< An archive was read, weights and all.
    int moves = 0;  ///< Parameters and buffers were moved to another device.
  };

  /// The export on a device: as it is if `kAsTraced`, or if it lies there already; else moved there
  /// with `kTo`, or loaded there with `kLoad`. What is here already is not brought again.
  /// @throws what the move or the load throws.
  std::shared_ptr<const PlacedExport> place(const Export& exported, Transfer transfer,
                                            const std::string& device);

  /// The export with every tensor on the CPU: as it is if it lies there, else loaded there.
  std::shared_ptr<const PlacedExport> place_on_cpu(const Export& exported);

  /// Whether a cell wrote into the tensors of an export that was made in this process, although
  /// nothing in its graphs says so. It has to be made anew, and shares nothing from then on if
  /// `distrust` was called.
  bool was_spoiled(const Export& exported) const;
  void distrust(const Export& exported) { distrusted_.insert(&exported); }

  void let_go(const Export& exported);

  const Counts& counts() const noexcept { return counts_; }

 private:
  using Placed = std::shared_ptr<const PlacedExport>;

  /// One that is in memory, for as long as somebody holds it.
  struct Place {
    const Export* exported = nullptr;
    Transfer transfer = Transfer::kAsTraced;
    c10::Device device = c10::kCPU;
    std::weak_ptr<const PlacedExport> placed;
  };
  struct Turn {
    const Export* exported = nullptr;
    Placed placed;
  };

  Placed as_made(const Export& exported);
  Placed moved(const Export& exported, c10::Device device);
  Placed loaded(const Export& exported, c10::Device device);
  Placed find(const Export& exported, Transfer transfer, c10::Device device);
  Placed add(const Export& exported, Transfer transfer, c10::Device device,
             torch::jit::Module module);
  void make_room(const Export& exported);
  void make_room_for_load(const Export& exported);

  Turn made_;  ///< As it was made.
  Turn away_;  ///< Moved or loaded.
  std::vector<Place> places_;
  std::set<const Export*> spoiled_;     ///< Made here, and found to be when they were let go.
  std::set<const Export*> distrusted_;  ///< Whose copies share nothing.
  Counts counts_;
};

}  // namespace crosstrace
