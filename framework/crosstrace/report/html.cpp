// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/report/detail/page_data.h>
#include <crosstrace/report/detail/page_frame.h>
#include <crosstrace/report/html.h>

#include <string_view>

namespace crosstrace {
namespace {

// report/page/, put together by cmake/CrossTraceReportPage.cmake.
constexpr std::string_view kPage =
#include "report_page.inc"
    ;

/// What stands before `mark`, which is cut off together with it.
std::string_view cut(std::string_view& page, std::string_view mark) {
  const auto end = page.find(mark);
  const auto part = page.substr(0, end);
  page.remove_prefix(end + mark.size());
  return part;
}

}  // namespace

std::string to_html(const Report& report) {
  std::string_view rest = kPage;
  std::string text(cut(rest, "<!--header-->\n"));
  text += detail::page_header(report);
  text += cut(rest, "<!--footer-->\n");
  text += detail::page_footer(report);
  text += cut(rest, "<!--data-->");
  text += detail::page_data(report);
  text += rest;
  return text;
}

}  // namespace crosstrace
