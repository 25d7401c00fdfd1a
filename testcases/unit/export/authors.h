// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// One model, compiled with several compiler options; each build is a namespace.
#pragma once

#include <ATen/core/Tensor.h>

#define CROSSTRACE_TEST_AUTHOR(name)       \
  namespace name {                         \
  at::Tensor forward(const at::Tensor& x); \
  extern const int kShiftLine;             \
  extern const int kCallLine;              \
  }

CROSSTRACE_TEST_AUTHOR(author_o0_g)
CROSSTRACE_TEST_AUTHOR(author_o2_g)
CROSSTRACE_TEST_AUTHOR(author_o2_g1)
CROSSTRACE_TEST_AUTHOR(author_o2_g0)
