# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
#
# crosstrace_add_tests(<target>
#   SOURCES <file>...            what registers models, and tests of your own
#   [MODELS <archive>=<SPEC>[,<SPEC>]...]...
#                                archives on disk (relative to this folder), one SPEC for each argument of forward, as
#                                'crosstrace check --input' takes them; a model is named for its file
#   [DEVICES <device>...]        the matrix's devices, such as cpu cuda:0 sim:0; without it, CROSSTRACE_DEVICES or all
#   [REQUIRE <device>...]        devices whose absence is a failure and not a skip
#   [GRANULARITY model|cell|binary]
#                                what one CTest entry runs: a model's cells on one class of device (as by default), one
#                                cell, or everything
#   [SHARDS <n>]                 n entries that share everything between them
#   [TIMEOUT <seconds>]          of one entry; 600 by default
#   [LABELS <label>...])         beside those that an entry has by itself
#
# Builds the program <target>, linked with CrossTrace::main, and makes CTest entries of what it lists when ctest starts:
#   <target>.<Model>.<device class>, such as seed_models.SimpleModel.cpu+sim and seed_models.SimpleModel.cuda
# A program that cannot list is one failing entry, <target>.DISCOVERY_FAILED; all others still run. An entry of which every
# test was skipped is Skipped (exit code 77), and only if none failed: gtest_discover_tests would call failures skips.
include_guard(GLOBAL)

set(CROSSTRACE_DISCOVERY_SCRIPT "${CMAKE_CURRENT_LIST_DIR}/CrossTraceDiscoverTests.cmake")

function(crosstrace_add_tests target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "GRANULARITY;SHARDS;TIMEOUT" "SOURCES;MODELS;DEVICES;REQUIRE;LABELS")
  crosstrace_check_arguments()
  crosstrace_absolute_models(models ${arg_MODELS})

  if(NOT arg_SOURCES)
    set(arg_SOURCES "${CMAKE_CURRENT_BINARY_DIR}/${target}.cpp")
    file(GENERATE OUTPUT "${arg_SOURCES}" CONTENT "// Every model of this program is an archive.\n")
  endif()
  add_executable(${target} ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE CrossTrace::main)
  crosstrace_discover_at_test_time(${target})
endfunction()

# One line for each way to misuse the function; reads and completes the arg_ variables of its caller.
macro(crosstrace_check_arguments)
  set(problem "")
  if(arg_UNPARSED_ARGUMENTS)
    list(GET arg_UNPARSED_ARGUMENTS 0 unknown)
    set(problem "unknown argument '${unknown}'")
  elseif(arg_KEYWORDS_MISSING_VALUES)
    set(problem "${arg_KEYWORDS_MISSING_VALUES} has no value")
  elseif(TARGET ${target})
    set(problem "there is a target of this name already")
  elseif(NOT arg_SOURCES AND NOT arg_MODELS)
    set(problem "no models: give SOURCES that register some, or MODELS")
  elseif(DEFINED arg_GRANULARITY AND NOT arg_GRANULARITY MATCHES "^(model|cell|binary)$")
    set(problem "GRANULARITY is '${arg_GRANULARITY}', and can be model, cell or binary")
  elseif(DEFINED arg_SHARDS AND NOT arg_SHARDS MATCHES "^[1-9][0-9]*$")
    set(problem "SHARDS is '${arg_SHARDS}', and must be a whole number from 1 up")
  elseif(DEFINED arg_TIMEOUT AND NOT arg_TIMEOUT MATCHES "^[1-9][0-9]*$")
    set(problem "TIMEOUT is '${arg_TIMEOUT}', and must be a whole number of seconds from 1 up")
  elseif(DEFINED arg_SHARDS AND "${arg_GRANULARITY}" MATCHES "^(model|cell)$")
    set(problem "SHARDS divides the whole program, so GRANULARITY ${arg_GRANULARITY} cannot go with it")
  endif()
  foreach(model IN LISTS arg_MODELS)
    if(NOT model MATCHES "^[^=]+=.")
      set(problem "MODELS has '${model}', and needs '<archive>=<SPEC>', such as 'm.pt=float32[1,3]'")
    endif()
  endforeach()
  if(problem)
    message(FATAL_ERROR "crosstrace_add_tests(${target}): ${problem}.")
  endif()

  if(NOT DEFINED arg_TIMEOUT)
    set(arg_TIMEOUT 600)
  endif()
  if(DEFINED arg_SHARDS)
    set(arg_GRANULARITY binary)
  elseif(NOT DEFINED arg_GRANULARITY)
    set(arg_GRANULARITY model)
  endif()
endmacro()

function(crosstrace_absolute_models out)
  set(absolute "")
  foreach(model IN LISTS ARGN)
    string(REGEX MATCH "^([^=]+)(=.*)$" model "${model}")
    cmake_path(ABSOLUTE_PATH CMAKE_MATCH_1 BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" NORMALIZE OUTPUT_VARIABLE path)
    list(APPEND absolute "${path}${CMAKE_MATCH_2}")
  endforeach()
  set(${out} "${absolute}" PARENT_SCOPE)
endfunction()

# Writes what the discovery script needs to know to a file that ctest reads when it starts.
function(crosstrace_discover_at_test_time target)
  string(REPLACE ";" "," devices "${arg_DEVICES}")
  string(REPLACE ";" "," required "${arg_REQUIRE}")
  set(base "${CMAKE_CURRENT_BINARY_DIR}/${target}_tests")
  get_property(multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
  if(multi_config)
    set(suffix "-$<CONFIG>")
    file(WRITE "${base}.cmake" "include(\"${base}-\${CTEST_CONFIGURATION_TYPE}.cmake\")\n")
  endif()
  file(GENERATE OUTPUT "${base}${suffix}.cmake" CONTENT
"set(crosstrace_target [==[${target}]==])
set(crosstrace_program [==[$<TARGET_FILE:${target}>]==])
set(crosstrace_cmake [==[${CMAKE_COMMAND}]==])
set(crosstrace_listing [==[${base}${suffix}.txt]==])
set(crosstrace_granularity [==[${arg_GRANULARITY}]==])
set(crosstrace_devices [==[${devices}]==])
set(crosstrace_required [==[${required}]==])
set(crosstrace_archives [==[${models}]==])
set(crosstrace_shards [==[${arg_SHARDS}]==])
set(crosstrace_timeout [==[${arg_TIMEOUT}]==])
set(crosstrace_labels [==[${arg_LABELS}]==])
include([==[${CROSSTRACE_DISCOVERY_SCRIPT}]==])
")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${base}.cmake")
endfunction()
