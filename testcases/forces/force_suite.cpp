// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// Force fields as a project registers them: the script runs in every cell; of the trace each cell
// says that there is none, since LibTorch's tracer cannot record their backward pass.

#include <crosstrace/models/register.h>
#include <forces/force_models.h>

namespace crosstrace::forces {
namespace {

constexpr const char* kNoTrace = "LibTorch's tracer cannot record its backward pass";

CROSSTRACE_REGISTER(NequipLike)
    .module([] { return NequipLike(); })
    .script(nequip_script("torch.zeros([pos.size(0), 8], dtype=pos.dtype, device=pos.device)"))
    .inputs([] { return arguments(positions(), edges()); })
    .expect_failure(exported_by(ExportKind::kTrace), Verdict::kError, kNoTrace);

CROSSTRACE_REGISTER(MaceLike)
    .module([] { return MaceLike(); })
    .script(mace_script("torch.zeros([3, 3], dtype=pos.dtype, device=pos.device)"))
    .inputs([] { return arguments(positions(), attributes()); })
    .expect_failure(exported_by(ExportKind::kTrace), Verdict::kError, kNoTrace);

CROSSTRACE_REGISTER(AniLike)
    .module([] { return AniLike(); })
    .script(ani_script("torch.zeros([], dtype=pos.dtype, device=pos.device)"))
    .inputs([] { return arguments(species(), positions()); })
    .expect_failure(exported_by(ExportKind::kTrace), Verdict::kError, kNoTrace);

// What a backward pass of squares needs the tracer has seen: it is recorded, not baked.
CROSSTRACE_REGISTER(Springs)
    .function([](torch::Tensor pos) {
      pos = pos.detach().requires_grad_(true);
      const torch::Tensor energy = (pos.unsqueeze(0) - pos.unsqueeze(1)).square().sum();
      return -torch::autograd::grad({energy}, {pos})[0];
    })
    .inputs([] { return positions(); })
    .inputs([] { return 3 * positions(); });

}  // namespace
}  // namespace crosstrace::forces
