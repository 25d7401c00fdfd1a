# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
#
# crosstrace_add_tests(<target>
#   SOURCES <file>...            what registers models, tests of your own, a main() of your own
#   [LIBRARIES <target>...]      libraries of this project whose models are to be tested. They are linked whole: the linker
#                                drops a registration in a static library, to which nobody refers, without a word
#   [MODELS <archive>=<SPEC>[,<SPEC>]...]...
#                                archives on disk (relative to this folder), one SPEC (or METHOD:SPEC) for each argument, as
#                                'crosstrace check --input' takes them; a model is named for its file. Or the name of a
#                                crosstrace_add_python_export (CrossTracePythonExport.cmake)
#   [DEVICES <device>...]        the matrix's devices, such as cpu cuda:0 sim:0; without it, CROSSTRACE_DEVICES or all
#   [REQUIRE <device>...]        devices whose absence is a failure and not a skip
#   [GRANULARITY model|cell|binary]
#                                what one CTest entry runs: a model's cells on one class of device (as by default), one
#                                cell, or everything
#   [SHARDS <n>]                 n entries that share everything between them
#   [TIMEOUT <seconds>]          of one entry; 600 by default
#   [LABELS <label>...]          beside those that an entry has by itself
#   [WORKING_DIRECTORY <folder>] where the program is started, to list its tests too; relative to the build folder, which it is
#                                by default
#   [EXTRA_ARGS <argument>...]   more arguments of the program, when it lists its tests too
#   [PROPERTIES <name> <value>...])
#                                of each entry, in turn. ENVIRONMENT, RESOURCE_LOCK and FIXTURES_REQUIRED add to the function's
#                                own, RESOURCE_GROUPS replaces what it says about GPUs
#
# Builds the program <target>, linked with CrossTrace::main, and makes CTest entries of what it lists when ctest starts:
#   <target>.<Model>.<device class>, such as seed_models.SimpleModel.cpu+sim and seed_models.SimpleModel.cuda
# A program that cannot list is one failing entry, <target>.DISCOVERY_FAILED; all others still run. An entry of which every
# test was skipped is Skipped (exit code 77), and only if none failed: gtest_discover_tests would call failures skips.
# Entries that use CUDA have the RESOURCE_LOCK 'gpus', so that `ctest -j16` does not put 16 processes on one GPU. Where ctest has
# a resource spec file, they ask for as many of its 'gpus' as they use and have no lock: if CTEST_RESOURCE_SPEC_FILE was set when the
# project was configured, or CROSSTRACE_RESOURCE_GROUPS=1 is in ctest's environment, since no script sees --resource-spec-file.
# REQUIRE and the environment's CROSSTRACE_REQUIRE_DEVICES add up; what the environment requires and DEVICES leave out is
# said when ctest starts, and not required of this target.
include_guard(GLOBAL)
include("${CMAKE_CURRENT_LIST_DIR}/CrossTracePythonExport.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/CrossTraceTestArguments.cmake")

function(crosstrace_add_tests target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "GRANULARITY;SHARDS;TIMEOUT;WORKING_DIRECTORY"
    "SOURCES;LIBRARIES;MODELS;DEVICES;REQUIRE;LABELS;EXTRA_ARGS;PROPERTIES")
  crosstrace_check_arguments(${ARGC})
  crosstrace_exports_among(exports archives ${arg_MODELS})
  crosstrace_absolute_models(models ${archives})

  if(NOT arg_SOURCES)
    set(arg_SOURCES "${CMAKE_CURRENT_BINARY_DIR}/${target}.cpp")
    file(GENERATE OUTPUT "${arg_SOURCES}" CONTENT "// Every model of this program is in an archive or a library.\n")
  endif()
  add_executable(${target} ${arg_SOURCES})
  crosstrace_link_whole(${target} ${arg_LIBRARIES})
  target_link_libraries(${target} PRIVATE CrossTrace::main)
  crosstrace_discover_at_test_time(${target})
  cmake_language(EVAL CODE "cmake_language(DEFER CALL crosstrace_check_that_ctest_sees [[${target}]])")
endfunction()

# Links libraries of which the program may refer to nothing.
function(crosstrace_link_whole target)
  foreach(library IN LISTS ARGN)
    get_target_property(type ${library} TYPE)
    if(type STREQUAL "STATIC_LIBRARY")
      target_link_libraries(${target} PRIVATE "$<LINK_LIBRARY:WHOLE_ARCHIVE,${library}>")
      # Also where another library brings it along.
      set_target_properties(${target} PROPERTIES LINK_LIBRARY_OVERRIDE_${library} WHOLE_ARCHIVE)
      continue()
    endif()
    target_link_libraries(${target} PRIVATE ${library})
    if(type STREQUAL "SHARED_LIBRARY")
      target_link_options(${target} PRIVATE "LINKER:--no-as-needed")
    endif()
  endforeach()
endfunction()

# Without enable_testing(), or with one that comes after add_subdirectory(), CTest finds nothing and ends green. Called at the
# end of a folder, when all has been said.
function(crosstrace_check_that_ctest_sees target)
  if(NOT CMAKE_TESTING_ENABLED AND NOT (DEFINED BUILD_TESTING AND NOT BUILD_TESTING))
    message(FATAL_ERROR "crosstrace_add_tests(${target}): ctest will not see these tests: call enable_testing() in the top "
      "CMakeLists.txt, before add_subdirectory().")
  endif()
endfunction()

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
  if(NOT DEFINED arg_WORKING_DIRECTORY)
    set(arg_WORKING_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}")
  elseif(NOT arg_WORKING_DIRECTORY MATCHES "^\\$<")
    cmake_path(ABSOLUTE_PATH arg_WORKING_DIRECTORY BASE_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}" NORMALIZE)
  endif()
  set(base "${CMAKE_CURRENT_BINARY_DIR}/${target}_tests")
  get_property(multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
  if(multi_config)
    set(suffix "-$<CONFIG>")
    # As CMake does for tests of its own: without -C it fails.
    file(WRITE "${base}.cmake" "if(EXISTS \"${base}-\${CTEST_CONFIGURATION_TYPE}.cmake\")
  include(\"${base}-\${CTEST_CONFIGURATION_TYPE}.cmake\")
else()
  add_test(${target} NOT_AVAILABLE)
endif()
")
  endif()
  set(scripts "")
  foreach(export IN LISTS exports)
    string(REGEX REPLACE "=.*" "" name "${export}")
    get_property(export GLOBAL PROPERTY CROSSTRACE_EXPORT_${name})
    string(APPEND scripts "set(crosstrace_export_${name} [==[${export}]==])\n")
  endforeach()
  file(GENERATE OUTPUT "${base}${suffix}.cmake" CONTENT
"set(crosstrace_target [==[${target}]==])
set(crosstrace_program [==[$<TARGET_FILE:${target}>]==])
set(crosstrace_cmake [==[${CMAKE_COMMAND}]==])
set(crosstrace_listing [==[${base}${suffix}.txt]==])
set(crosstrace_granularity [==[${arg_GRANULARITY}]==])
set(crosstrace_devices [==[${devices}]==])
set(crosstrace_required [==[${required}]==])
set(crosstrace_archives [==[${models}]==])
set(crosstrace_exports [==[${exports}]==])
${scripts}set(crosstrace_shards [==[${arg_SHARDS}]==])
set(crosstrace_timeout [==[${arg_TIMEOUT}]==])
set(crosstrace_labels [==[${arg_LABELS}]==])
set(crosstrace_folder [==[${arg_WORKING_DIRECTORY}]==])
set(crosstrace_extra_args [==[${arg_EXTRA_ARGS}]==])
set(crosstrace_properties [==[${arg_PROPERTIES}]==])
include([==[${CMAKE_CURRENT_FUNCTION_LIST_DIR}/CrossTraceDiscoverTests.cmake]==])
")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${base}.cmake")
endfunction()
