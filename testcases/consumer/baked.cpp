// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// A model that fails as soon as it is moved: the trace device is in its graph. A way into a project
// in which this one does not fail runs nothing.

#include <ATen/ops/arange.h>
#include <ATen/ops/randn.h>
#include <crosstrace/models/register.h>

CROSSTRACE_REGISTER(Baked)
    .function([](at::Tensor x) { return x.add(at::arange(3, x.options())); })
    .inputs([] {
      return at::randn({2, 3});
    });
