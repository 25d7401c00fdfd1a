// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// write_pages FOLDER: the pages that page_test.py drives.

#include <crosstrace/report/html.h>
#include <unit/report/sample_pages.h>

#include <filesystem>
#include <fstream>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::filesystem::path folder = argv[1];
  std::ofstream(folder / "sample.html") << to_html(crosstrace::test::sample_report());
  std::ofstream(folder / "hostile.html") << to_html(crosstrace::test::hostile_report());
  std::ofstream(folder / "large.html") << to_html(crosstrace::test::large_report());
}
