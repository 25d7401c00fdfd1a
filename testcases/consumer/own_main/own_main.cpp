// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/gtest/run_all.h>

int main(int argc, char** argv) { return crosstrace::run_all_tests(argc, argv); }
