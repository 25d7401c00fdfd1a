# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
#
# Run by ctest when it starts, once for each target of crosstrace_add_tests, which sets the crosstrace_ variables.
# Asks the program for its tests, one a line: <name> TAB <GoogleTest filter> TAB <labels separated by commas>.

# Sets `out` to the environment variables, NAME=value, that the call of crosstrace_add_tests asks for.
function(crosstrace_environment out)
  set(environment "")
  if(crosstrace_devices)
    list(APPEND environment "CROSSTRACE_DEVICES=${crosstrace_devices}")
  endif()
  if(crosstrace_required)
    list(APPEND environment "CROSSTRACE_REQUIRE_DEVICES=${crosstrace_required}")
  endif()
  if(crosstrace_archives)
    string(REPLACE ";" "\\;" archives "${crosstrace_archives}")
    list(APPEND environment "CROSSTRACE_ARCHIVES=${archives}")
  endif()
  set(${out} "${environment}" PARENT_SCOPE)
endfunction()

# Sets `listing` to what the program lists, or `problem` to why it cannot. Starting the program costs a third of a second,
# so what it said is kept until it is built again or is asked something else.
function(crosstrace_list_tests environment)
  set(problem "" PARENT_SCOPE)
  # GPUs that come and go change the cells, archives that are written anew their trace devices.
  file(GLOB gpus /dev/nvidia[0-9]*)
  set(asked "${crosstrace_granularity}|$ENV{CROSSTRACE_DEVICES}|${environment}|${gpus}|$ENV{CUDA_VISIBLE_DEVICES}")
  foreach(archive IN LISTS crosstrace_archives)
    string(REGEX REPLACE "=.*" "" archive "${archive}")
    file(TIMESTAMP "${archive}" written "%s")
    string(APPEND asked "|${written}")
  endforeach()
  string(APPEND asked "\n")
  if(EXISTS "${crosstrace_listing}" AND NOT "${crosstrace_program}" IS_NEWER_THAN "${crosstrace_listing}")
    file(READ "${crosstrace_listing}" kept)
    string(FIND "${kept}" "${asked}" position)
    if(position EQUAL 0)
      string(REPLACE "${asked}" "" kept "${kept}")
      set(listing "${kept}" PARENT_SCOPE)
      return()
    endif()
  endif()

  if(NOT EXISTS "${crosstrace_program}")
    set(problem "It is not built: build the target ${crosstrace_target}." PARENT_SCOPE)
    return()
  endif()
  execute_process(
    COMMAND "${crosstrace_cmake}" -E env ${environment} "${crosstrace_program}" --crosstrace_list=${crosstrace_granularity}
    OUTPUT_VARIABLE output ERROR_VARIABLE errors RESULT_VARIABLE result TIMEOUT 120)
  if(NOT result EQUAL 0)
    set(problem "It ended with '${result}' and said:\n${errors}${output}" PARENT_SCOPE)
  elseif(output MATCHES "^[ \n]*$")
    set(problem "It lists no tests: no model is registered, or none was linked in.\n${errors}" PARENT_SCOPE)
  else()
    file(WRITE "${crosstrace_listing}" "${asked}${output}")
    set(listing "${output}" PARENT_SCOPE)
  endif()
endfunction()

# An entry that fails and prints `why`.
function(crosstrace_add_failing_test why)
  set(script "${crosstrace_listing}.failed.cmake")
  file(WRITE "${script}" "message([==[The tests of this program could not be listed: ${crosstrace_program}\n${why}]==])\n"
    "message(FATAL_ERROR \"No test of ${crosstrace_target} was run.\")\n")
  add_test(${crosstrace_target}.DISCOVERY_FAILED "${crosstrace_cmake}" -P "${script}")
endfunction()

function(crosstrace_add_entry name filter labels environment)
  add_test(${name} "${crosstrace_program}" "--gtest_filter=${filter}")
  set_tests_properties(${name} PROPERTIES
    SKIP_RETURN_CODE 77 TIMEOUT "${crosstrace_timeout}" LABELS "${labels}" ENVIRONMENT "${environment}")
endfunction()

function(crosstrace_discover)
  crosstrace_environment(environment)
  crosstrace_list_tests("${environment}")
  if(problem)
    crosstrace_add_failing_test("${problem}")
    return()
  endif()
  string(REGEX REPLACE "\n+$" "" lines "${listing}")
  string(REPLACE "\n" ";" lines "${lines}")
  foreach(line IN LISTS lines)
    if(NOT line MATCHES "^([^\t]+)\t([^\t]+)\t([^\t]*)$")
      crosstrace_add_failing_test("A line of the list is not '<name> TAB <filter> TAB <labels>': ${line}")
      return()
    endif()
  endforeach()
  foreach(line IN LISTS lines)
    string(REGEX MATCH "^([^\t]+)\t([^\t]+)\t([^\t]*)$" line "${line}")
    set(name "${crosstrace_target}.${CMAKE_MATCH_1}")
    set(filter "${CMAKE_MATCH_2}")
    string(REPLACE "," ";" labels "${CMAKE_MATCH_3}")
    list(APPEND labels ${crosstrace_labels})
    if(NOT crosstrace_shards)
      crosstrace_add_entry("${name}" "${filter}" "${labels}" "${environment}")
      continue()
    endif()
    foreach(shard RANGE 1 ${crosstrace_shards})
      math(EXPR index "${shard} - 1")
      crosstrace_add_entry("${name}.${shard}of${crosstrace_shards}" "${filter}" "${labels}"
        "${environment};GTEST_TOTAL_SHARDS=${crosstrace_shards};GTEST_SHARD_INDEX=${index}")
    endforeach()
  endforeach()
endfunction()

crosstrace_discover()
