# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
#
# Which headers are for users: those named here, and what they include. All others stay in the tree.
include_guard(GLOBAL)

set(CROSSTRACE_PUBLIC_HEADERS
  gtest/assertion.h gtest/assertions.h gtest/inspection_test.h gtest/matchers.h gtest/portability_test.h gtest/run_all.h
  models/*.h
  compare/compare.h
  devices/declared.h devices/discovery.h devices/move.h devices/seed.h devices/simulated/simulated_device.h
  export/export.h
  diagnose/diagnosis.h
  matrix/cell.h matrix/plan.h matrix/run.h
  repair/repair_archive.h
  report/*.h)

# crosstrace_with_includes(<out> <file>...)
#
# These files and every header of CrossTrace that they include, directly or not, as absolute paths. What includes what is read
# anew when one of them changes.
function(crosstrace_with_includes out)
  set(pending ${ARGN})
  set(found "")
  while(pending)
    list(POP_FRONT pending file)
    list(APPEND found "${file}")
    file(STRINGS "${file}" lines REGEX "^#include <crosstrace/")
    foreach(line IN LISTS lines)
      string(REGEX REPLACE "^#include <(.*)>.*$" "\\1" name "${line}")
      foreach(root IN ITEMS framework fixtures)
        set(included "${PROJECT_SOURCE_DIR}/${root}/${name}")
        if(EXISTS "${included}" AND NOT included IN_LIST found AND NOT included IN_LIST pending)
          list(APPEND pending "${included}")
        endif()
      endforeach()
    endforeach()
  endwhile()
  set_property(DIRECTORY "${PROJECT_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${found})
  list(SORT found)
  set(${out} "${found}" PARENT_SCOPE)
endfunction()

# crosstrace_installed_headers(<out>): absolute paths, sorted.
function(crosstrace_installed_headers out)
  list(TRANSFORM CROSSTRACE_PUBLIC_HEADERS PREPEND "${PROJECT_SOURCE_DIR}/framework/crosstrace/" OUTPUT_VARIABLE framework)
  list(TRANSFORM CROSSTRACE_PUBLIC_HEADERS PREPEND "${PROJECT_SOURCE_DIR}/fixtures/crosstrace/" OUTPUT_VARIABLE fixtures)
  file(GLOB named CONFIGURE_DEPENDS ${framework} ${fixtures})
  crosstrace_with_includes(headers ${named})
  foreach(header IN LISTS headers)
    if(header MATCHES "/detail/|/crosstrace/cli/|/simulated/(backend|kernels)/|/diagnose/rules/")
      message(FATAL_ERROR "${header} is private, and a header for users includes it.")
    endif()
  endforeach()
  set(${out} "${headers}" PARENT_SCOPE)
endfunction()
