# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
#
# Configures and builds a project, has ctest run it and asserts which entries there are and what became of each.
#   cmake -DPROJECT=... -DBUILD=... -DGENERATOR=... -DOPTIONS=... -DEXPECTED=<entry>=<Passed|Failed|Skipped|Not Run>;...
#     [-DSAID=<text that ctest prints>;...] -P way_in_test.cmake
cmake_minimum_required(VERSION 3.25)
foreach(name IN ITEMS CROSSTRACE_REQUIRE_DEVICES CROSSTRACE_SEED CROSSTRACE_ARCHIVES CROSSTRACE_RESOURCE_GROUPS)
  unset(ENV{${name}})
endforeach()
set(ENV{CROSSTRACE_DEVICES} "cpu,sim:0,xpu:0")  # Two that are everywhere, and one that is nowhere.
file(REMOVE_RECURSE "${BUILD}")

function(run expected_result)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE result)
  if(NOT result MATCHES "^(${expected_result})$")
    message(FATAL_ERROR "'${ARGN}' ended with ${result}:\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

run(0 "${CMAKE_COMMAND}" -S "${PROJECT}" -B "${BUILD}" -G "${GENERATOR}" ${OPTIONS})
run(0 "${CMAKE_COMMAND}" --build "${BUILD}" --target ${TARGETS})

# CTest ends with 8 if a test failed.
set(result 0)
if(EXPECTED MATCHES "=Failed")
  set(result 8)
endif()
run(${result} "${CMAKE_CTEST_COMMAND}" --test-dir "${BUILD}" --output-on-failure --no-tests=error)

list(LENGTH EXPECTED count)
string(REGEX MATCHALL " Test +#[0-9]+: " entries "${output}")
list(LENGTH entries found)
if(NOT found EQUAL count)
  message(SEND_ERROR "There are ${found} entries, not ${count}:\n${output}")
endif()
foreach(entry IN LISTS EXPECTED)
  string(REGEX MATCH "^(.*)=([A-Za-z ]+)$" entry "${entry}")
  set(verdict "${CMAKE_MATCH_2}")
  string(REGEX REPLACE "([+.])" "[\\1]" name "${CMAKE_MATCH_1}")
  if(NOT output MATCHES ": ${name} [.]+[ *]*${verdict}")
    message(SEND_ERROR "${entry} is not so:\n${output}")
  endif()
endforeach()

foreach(text IN LISTS SAID)
  string(FIND "${output}" "${text}" position)
  if(position EQUAL -1)
    message(SEND_ERROR "'${text}' is not said:\n${output}")
  endif()
endforeach()

# A failure ends with what was run: each of the 10 cells on the devices that are here.
if(EXPECTED MATCHES "Baked[.]cpu[+]sim=Failed" AND NOT output MATCHES "Cells: 10 ran [(]5 on cpu, 5 on sim:0[)], 0 skipped\n")
  message(SEND_ERROR "The failure does not end with the count of cells:\n${output}")
endif()
