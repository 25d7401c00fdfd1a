# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
#
# Run by ctest when it starts: the entries that run the scripts of crosstrace_add_python_export, which are fixtures of those that
# load what they write.

# crosstrace_add_setup(<out> <export>@<device>): the fixture, which is added where it is first asked for. Several programs may
# ask, so ctest itself keeps which there are.
function(crosstrace_add_setup out setup)
  string(REGEX MATCH "^(.*)@(.*)$" setup "${setup}")
  set(name "${CMAKE_MATCH_1}")
  set(device "${CMAKE_MATCH_2}")
  string(REPLACE ":" "" word "${device}")
  set(fixture "crosstrace.${name}.${word}")
  set(${out} "${fixture}" PARENT_SCOPE)
  get_property(known GLOBAL PROPERTY crosstrace_setups)
  if(fixture IN_LIST known)
    return()
  endif()
  set_property(GLOBAL APPEND PROPERTY crosstrace_setups "${fixture}")

  list(POP_FRONT crosstrace_export_${name} script output python folder)
  cmake_path(GET output EXTENSION LAST_ONLY ending)
  cmake_path(REPLACE_EXTENSION output LAST_ONLY "${word}${ending}")
  set(test "${name}.export.${word}")
  string(REGEX REPLACE ":.*" "" type "${device}")
  add_test(${test} "${python}" "${crosstrace_run_export}" "${script}" "${device}" "${output}")
  set_tests_properties(${test} PROPERTIES
    FIXTURES_SETUP "${fixture}" SKIP_RETURN_CODE 77 LABELS "${type}" WORKING_DIRECTORY "${folder}")
  set(gpus 0)
  if(device MATCHES "^cuda:([0-9]+)$")
    math(EXPR gpus "${CMAKE_MATCH_1} + 1")  # CUDA counts from 0 in each process.
  endif()
  crosstrace_schedule(${test} ${gpus} lock)
  if(lock)
    set_tests_properties(${test} PROPERTIES RESOURCE_LOCK "${lock}")
  endif()
endfunction()
