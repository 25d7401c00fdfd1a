# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
#
# crosstrace_embed_report_page(<source>)
#
# The page of an HTML report lies in framework/crosstrace/report/page/ as what it is: HTML, style, script. This puts them
# together as one C++ string, which <source> alone includes, as "report_page.inc".
include_guard(GLOBAL)

function(crosstrace_embed_report_page source)
  set(page "${PROJECT_SOURCE_DIR}/framework/crosstrace/report/page")
  set(generated "${PROJECT_BINARY_DIR}/generated/crosstrace/report")
  foreach(name IN ITEMS page.css map.js cell.js page.js)
    string(REPLACE "." "_" variable "${name}")
    file(READ "${page}/${name}" ${variable})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${page}/${name}")
  endforeach()
  configure_file("${page}/page.html" "${generated}/page.html" @ONLY NEWLINE_STYLE LF)
  file(READ "${generated}/page.html" text)
  file(CONFIGURE OUTPUT "${generated}/report_page.inc" CONTENT "R\"page(@text@)page\"\n" @ONLY)
  set_property(SOURCE "${source}" APPEND PROPERTY INCLUDE_DIRECTORIES "${generated}")
endfunction()
