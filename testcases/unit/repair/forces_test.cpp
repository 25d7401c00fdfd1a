// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// Force fields that are tied to a device, repaired and proven with their forces.

#include <crosstrace/export/export.h>
#include <crosstrace/models/register.h>
#include <crosstrace/repair/repair_archive.h>
#include <forces/force_models.h>
#include <gmock/gmock.h>

#include "unit/temporary_file.h"

namespace crosstrace {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

/// A script of the parameters of `factory`, as an archive that is repaired.
template <class Factory, class Generator>
RepairResult repaired(Factory factory, const std::string& script, Generator inputs) {
  const Model model = ModelBuilder("Forces", {"forces.cpp", 1})
                          .module(factory)
                          .script(script)
                          .inputs(inputs)
                          .build();
  const TemporaryFile archive{"forces.pt"}, target{"fixed.pt"};
  export_model(model, ExportKind::kScript, "cpu").copy().save(archive.path());
  ProofCalls calls;
  calls.inputs = model.inputs;
  calls.devices = {"cpu", "sim:0", "sim:1"};
  return repair_archive(archive.path(), target.path(), calls);
}

void expect_proven(const RepairResult& result, std::size_t steps) {
  EXPECT_TRUE(result.written) << result.why_not;
  EXPECT_THAT(result.steps, SizeIs(steps));
  EXPECT_THAT(result.left, IsEmpty());
  ASSERT_TRUE(result.proof);
  EXPECT_THAT(result.proof->cells, SizeIs(7));
  EXPECT_EQ(result.proof->calls_at_home, 3);
}

TEST(RepairForces, OfMessagesAlongEdges) {
  expect_proven(repaired([] { return forces::NequipLike(); },
                         forces::nequip_script("torch.zeros([pos.size(0), 8])"),
                         [] { return arguments(forces::positions(), forces::edges()); }),
                1);
}

TEST(RepairForces, AndAVirial) {
  expect_proven(repaired([] { return forces::MaceLike(); },
                         forces::mace_script("torch.zeros([3, 3], device='cpu')"),
                         [] { return arguments(forces::positions(), forces::attributes()); }),
                1);
}

TEST(RepairForces, OfNetworksForEachSpecies) {
  expect_proven(repaired([] { return forces::AniLike(); }, forces::ani_script("torch.zeros([1])"),
                         [] { return arguments(forces::species(), forces::positions()); }),
                1);
}

}  // namespace
}  // namespace crosstrace
