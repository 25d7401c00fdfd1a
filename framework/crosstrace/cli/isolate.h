// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// `--isolate`: each cell in a process of its own, so that none can spoil the memory, the device or
/// the time of another.
#pragma once

#include <crosstrace/matrix/session.h>
#include <crosstrace/report/report.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace crosstrace {

/// Like `run_cells` and `make_report`, with a child for every cell. A child that dies, or ends
/// without a result, is a `crashed` cell; one that takes longer than `limit` is killed and a
/// `timeout`. References are computed anew by each child.
Report run_isolated(const RunOptions& options, const std::vector<std::string>& devices,
                    const std::vector<CellId>& cells, std::chrono::seconds limit,
                    const std::function<void(const CellId&)>& before_each);

}  // namespace crosstrace
