# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
#
# ctest -j with two GPUs that are made up.
#   cmake -DCASE=... -DPROGRAM=... -DWORK=... -DCROSSTRACE_CMAKE=... -DCMAKE_CTEST_COMMAND=... -P scheduling_test.cmake
cmake_minimum_required(VERSION 3.25)
file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
foreach(name IN ITEMS CROSSTRACE_DEVICES CROSSTRACE_REQUIRE_DEVICES CROSSTRACE_RESOURCE_GROUPS CUDA_VISIBLE_DEVICES)
  unset(ENV{${name}})
endforeach()
set(ENV{SEEN_FOLDER} "${WORK}")

# As crosstrace_add_tests would, with these DEVICES; the entries are seen.First.cuda and seen.Second.cuda.
function(write_test_file devices)
  file(WRITE "${WORK}/CTestTestfile.cmake" "
set(crosstrace_target seen)
set(crosstrace_program [==[${PROGRAM}]==])
set(crosstrace_cmake [==[${CMAKE_COMMAND}]==])
set(crosstrace_listing [==[${WORK}/seen.txt]==])
set(crosstrace_granularity model)
set(crosstrace_devices ${devices})
set(crosstrace_timeout 120)
include([==[${CROSSTRACE_CMAKE}/CrossTraceDiscoverTests.cmake]==])
")
endfunction()

# `local`: the part of the spec that names the GPUs.
function(write_spec local)
  file(WRITE "${WORK}/spec.json" "{\"version\": {\"major\": 1, \"minor\": 0}, \"local\": [{\"gpus\": [${local}]}]}\n")
endfunction()

function(run_ctest expected_result patience)
  set(ENV{SEEN_PATIENCE} ${patience})
  execute_process(COMMAND "${CMAKE_CTEST_COMMAND}" --test-dir "${WORK}" -j 4 -L cuda --output-on-failure --no-tests=error ${ARGN}
    OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE result)
  if(NOT result STREQUAL expected_result)
    message(FATAL_ERROR "ctest ended with ${result}, not ${expected_result}:\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

# Sets start_<model>, end_<model> and gpus_<model>.
function(read_seen)
  foreach(model IN LISTS ARGN)
    file(READ "${WORK}/${model}.seen" seen)
    string(REGEX MATCH "^([0-9]+) ([0-9]+) (.*)$" seen "${seen}")
    set(start_${model} "${CMAKE_MATCH_1}" PARENT_SCOPE)
    set(end_${model} "${CMAKE_MATCH_2}" PARENT_SCOPE)
    set(gpus_${model} "${CMAKE_MATCH_3}" PARENT_SCOPE)
  endforeach()
endfunction()

function(expect_overlap expected)
  set(overlap TRUE)
  if(end_First LESS_EQUAL start_Second OR end_Second LESS_EQUAL start_First)
    set(overlap FALSE)
  endif()
  if(NOT overlap STREQUAL expected)
    message(SEND_ERROR "First ran from ${start_First} to ${end_First}, Second from ${start_Second} to ${end_Second} "
      "(overlap: ${overlap}, not ${expected})")
  endif()
endfunction()

function(expect_gpus)
  list(SORT ARGN)
  set(seen "${gpus_First}" "${gpus_Second}")
  list(SORT seen)
  if(NOT seen STREQUAL ARGN)
    message(SEND_ERROR "The two entries saw '${seen}', not '${ARGN}'")
  endif()
endfunction()

set(two [[{"id": "0", "slots": 1}, {"id": "1", "slots": 1}]])

# Each has a GPU of its own, at the same time.
function(test_spec)
  write_test_file(cpu,cuda:0)
  write_spec("${two}")
  set(ENV{CROSSTRACE_RESOURCE_GROUPS} 1)
  run_ctest(0 60 --resource-spec-file "${WORK}/spec.json")
  read_seen(First Second)
  expect_overlap(TRUE)
  expect_gpus(0 1)
endfunction()

# One after the other, and nobody changes what CUDA shows.
function(test_no_spec)
  write_test_file(cpu,cuda:0)
  run_ctest(0 2)
  read_seen(First Second)
  expect_overlap(FALSE)
  expect_gpus(unset unset)
endfunction()

# Whoever runs on cuda:1 needs both, so there is no room for another.
function(test_both_gpus)
  write_test_file(cpu,cuda:0,cuda:1)
  write_spec("${two}")
  set(ENV{CROSSTRACE_RESOURCE_GROUPS} 1)
  run_ctest(0 2 --resource-spec-file "${WORK}/spec.json")
  read_seen(First Second)
  expect_overlap(FALSE)
  expect_gpus(0,1 0,1)
endfunction()

# A GPU that the user's spec gives to two at a time.
function(test_two_slots)
  write_test_file(cpu,cuda:0)
  write_spec([[{"id": "1", "slots": 2}]])
  set(ENV{CROSSTRACE_RESOURCE_GROUPS} 1)
  run_ctest(0 60 --resource-spec-file "${WORK}/spec.json")
  read_seen(First Second)
  expect_overlap(TRUE)
  expect_gpus(1 1)
endfunction()

# Of the GPUs that ctest itself is shown, the spec counts.
function(test_part_of_the_gpus)
  write_test_file(cpu,cuda:0)
  write_spec("${two}")
  set(ENV{CROSSTRACE_RESOURCE_GROUPS} 1)
  set(ENV{CUDA_VISIBLE_DEVICES} 5,GPU-7f)
  run_ctest(0 60 --resource-spec-file "${WORK}/spec.json")
  read_seen(First Second)
  expect_overlap(TRUE)
  expect_gpus(5 GPU-7f)
endfunction()

function(test_hidden_gpus)
  write_test_file(cpu,cuda:0)
  write_spec("${two}")
  set(ENV{CROSSTRACE_RESOURCE_GROUPS} 1)
  set(ENV{CUDA_VISIBLE_DEVICES} -1)
  run_ctest(0 60 --resource-spec-file "${WORK}/spec.json")
  read_seen(First Second)
  expect_gpus(-1 -1)
endfunction()

# A spec that somebody wrote by hand: the cells that need CUDA fail and say why.
function(test_wrong_spec)
  write_test_file(cpu,cuda:0)
  write_spec([[{"id": "card", "slots": 2}]])
  set(ENV{CROSSTRACE_RESOURCE_GROUPS} 1)
  run_ctest(8 60 --resource-spec-file "${WORK}/spec.json")
  foreach(text IN ITEMS "2 tests failed out of 2"
      "cuda:0 is broken: CTest gave this test 'id:card,slots:1' of the resource gpus, and an id must be the number of a GPU")
    string(FIND "${output}" "${text}" position)
    if(position EQUAL -1)
      message(SEND_ERROR "'${text}' is not in the output:\n${output}")
    endif()
  endforeach()
endfunction()

cmake_language(CALL test_${CASE})
