# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
#
# What knows GoogleTest: the libraries CrossTrace::fixtures and CrossTrace::main, and which GoogleTest they are for.
include_guard(GLOBAL)

# crosstrace_add_fixtures(<root>)
#
# CrossTrace::fixtures (fixtures, matchers, and the tests that every program gets) and CrossTrace::main (main() alone) from
# the sources in <root>/crosstrace/gtest. Needs CrossTrace::framework and GTest::gmock. The installed package compiles them
# so where a project has a GoogleTest of its own.
function(crosstrace_add_fixtures root)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${root}/crosstrace/gtest/*.cpp")
  set(main "${root}/crosstrace/gtest/main.cpp")
  list(REMOVE_ITEM sources "${main}")

  add_library(crosstrace_fixtures STATIC ${sources})
  add_library(CrossTrace::fixtures ALIAS crosstrace_fixtures)
  target_include_directories(crosstrace_fixtures PUBLIC "$<BUILD_INTERFACE:${root}>")
  target_link_libraries(crosstrace_fixtures PUBLIC CrossTrace::framework GTest::gtest GTest::gmock)
  # Nobody refers to the default tests, so the linker would drop them. As an item and not an option it also reaches programs
  # that get the fixtures through a static library of theirs which links them PRIVATE.
  target_link_libraries(crosstrace_fixtures INTERFACE "-Wl,--undefined=crosstrace_default_tests")

  add_library(crosstrace_main STATIC "${main}")
  add_library(CrossTrace::main ALIAS crosstrace_main)
  target_link_libraries(crosstrace_main PUBLIC CrossTrace::fixtures)
  set_target_properties(crosstrace_fixtures crosstrace_main PROPERTIES
    POSITION_INDEPENDENT_CODE ON UNITY_BUILD OFF DEBUG_POSTFIX d)
endfunction()

# crosstrace_googletest_version(<out>)
#
# The version of the GTest::gtest that is there: its sources' if they are part of this project, else the package's; "" if
# neither says one.
function(crosstrace_googletest_version out)
  get_target_property(version GTest::gtest VERSION)
  if(NOT version)
    if(NOT GTest_VERSION)
      find_package(GTest CONFIG QUIET)
    endif()
    set(version "${GTest_VERSION}")
  endif()
  set(${out} "${version}" PARENT_SCOPE)
endfunction()
