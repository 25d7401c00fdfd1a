# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
#
# Sourced by the scripts beside it: goes to the top of the clone, sets up the system, and decides how many compilers run
# at a time (LibTorch's headers take up to 2 GB each, so memory decides as much as cores do).
cd "$(dirname "${BASH_SOURCE[0]}")/.."
./ci/setup

cores=$(nproc)
gigabytes_free=$(awk '/^MemAvailable:/ {print int($2 / 1048576)}' /proc/meminfo)
jobs=$((gigabytes_free / 2 < cores ? gigabytes_free / 2 : cores))
export CMAKE_BUILD_PARALLEL_LEVEL="${CMAKE_BUILD_PARALLEL_LEVEL:-$((jobs > 0 ? jobs : 1))}"
export CTEST_PARALLEL_LEVEL="${CTEST_PARALLEL_LEVEL:-$cores}"
