// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// A library that says when it is opened.

#include <cstdio>

namespace {

const int opened = std::fprintf(stderr, "opened " STAND_IN_NAME "\n");

}  // namespace

extern "C" int crosstrace_stand_in() { return opened; }
