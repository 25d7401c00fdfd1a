# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
#
# What ctest makes of programs that list their tests well, badly or not at all. The programs are shell scripts.
#   cmake -DCASE=... -DWORK=... -DCROSSTRACE_CMAKE=... -DCMAKE_CTEST_COMMAND=... -P discovery_test.cmake
cmake_minimum_required(VERSION 3.25)
file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
unset(ENV{CROSSTRACE_DEVICES})
unset(ENV{CROSSTRACE_REQUIRE_DEVICES})
unset(ENV{CROSSTRACE_RESOURCE_GROUPS})

# A program that runs `listing` when it is asked for its tests, and `test` with the filter in $filter otherwise.
function(write_program name listing test)
  file(WRITE "${WORK}/${name}" "#!/bin/sh
case $1 in
  --gtest_list_tests) echo 'Suite.'; (${listing}) >\"\${CROSSTRACE_LIST#model:}\";;
  --gtest_filter=*) filter=\${1#*=}; ${test};;
esac
")
  file(CHMOD "${WORK}/${name}" PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
endfunction()

# Has ctest discover these programs.
function(write_test_file)
  file(WRITE "${WORK}/CTestTestfile.cmake" "")
  foreach(name IN LISTS ARGN)
    file(APPEND "${WORK}/CTestTestfile.cmake" "
set(crosstrace_target ${name})
set(crosstrace_program [==[${WORK}/${name}]==])
set(crosstrace_cmake [==[${CMAKE_COMMAND}]==])
set(crosstrace_listing [==[${WORK}/${name}.txt]==])
set(crosstrace_granularity model)
set(crosstrace_timeout 60)
include([==[${CROSSTRACE_CMAKE}/CrossTraceDiscoverTests.cmake]==])
")
  endforeach()
endfunction()

function(run_ctest folder expected_result)
  execute_process(COMMAND "${CMAKE_CTEST_COMMAND}" --test-dir "${folder}" --output-on-failure ${ARGN}
    OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE result)
  if(NOT result STREQUAL expected_result)
    message(SEND_ERROR "ctest ended with ${result}, not ${expected_result}:\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

function(expect_output)
  foreach(text IN LISTS ARGN)
    string(FIND "${output}" "${text}" position)
    if(position EQUAL -1)
      message(SEND_ERROR "'${text}' is not in the output:\n${output}")
    endif()
  endforeach()
endfunction()

function(expect_match)
  foreach(expression IN LISTS ARGN)
    if(NOT output MATCHES "${expression}")
      message(SEND_ERROR "'${expression}' does not match the output:\n${output}")
    endif()
  endforeach()
endfunction()

# Sets `json` to what ctest knows of its tests.
function(show_only)
  execute_process(COMMAND "${CMAKE_CTEST_COMMAND}" --test-dir "${WORK}" --show-only=json-v1 ${ARGN} OUTPUT_VARIABLE json)
  set(json "${json}" PARENT_SCOPE)
endfunction()

# expect_property(<test> <property> <text>): its JSON, without white space, has this text; "": there is no such property.
function(expect_property test property expected)
  string(JSON count LENGTH "${json}" tests)
  math(EXPR last "${count} - 1")
  set(value "no such test")
  foreach(index RANGE ${last})
    string(JSON name GET "${json}" tests ${index} name)
    if(name STREQUAL test)
      set(value "")
      string(JSON properties LENGTH "${json}" tests ${index} properties)
      math(EXPR last_property "${properties} - 1")
      foreach(each RANGE ${last_property})
        string(JSON name GET "${json}" tests ${index} properties ${each} name)
        if(name STREQUAL property)
          string(JSON value GET "${json}" tests ${index} properties ${each} value)
        endif()
      endforeach()
    endif()
  endforeach()
  string(REGEX REPLACE "[ \n]+" "" value "${value}")
  string(FIND "${value}" "${expected}" position)
  if(position EQUAL -1 OR (expected STREQUAL "" AND NOT value STREQUAL ""))
    message(SEND_ERROR "${property} of ${test} is '${value}', not '${expected}'")
  endif()
endfunction()

# Every argument of crosstrace_add_tests arrives where it should.
function(test_arguments)
  execute_process(COMMAND "${CMAKE_COMMAND}" -S "${CMAKE_CURRENT_LIST_DIR}/arguments" -B "${WORK}"
    "-DCROSSTRACE_CMAKE=${CROSSTRACE_CMAKE}" OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND "${CMAKE_COMMAND}" --build "${WORK}" OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
  run_ctest("${WORK}" 0 --verbose)
  expect_output("plain.Listed.as_model" "everything.Listed.as_cell" "shared_out.Listed.as_binary.2of2"
    "archives none" "archives ${CMAKE_CURRENT_LIST_DIR}/arguments/a model.pt=float32[1,3],int64[2]=0..9"
    "CROSSTRACE_DEVICES=cpu,cuda:0,sim:0" "CROSSTRACE_REQUIRE_DEVICES=cuda,sim"
    "GTEST_TOTAL_SHARDS=2" "GTEST_SHARD_INDEX=0" "GTEST_SHARD_INDEX=1" "Test timeout computed to be: 7"
    "folder ${WORK}/a folder\n" "last --gtest_output=xml:a;b.xml" "FIRST=1" "SECOND=2")
  # The two archives are one variable, with a semicolon between them.
  expect_match("archives [^\n]*=0[.][.]9.[^\n]*/b[.]pt=\"text\"\n")
  expect_match("nightly += " "gpu += " "cpu += .*6 tests" "sim += .*6 tests")
  show_only()
  expect_property(placed.Listed.as_model COST 5)
  expect_property(placed.Listed.as_model RESOURCE_LOCK "[\"database\",\"gpus\"]")
  expect_property(plain.Listed.as_model RESOURCE_LOCK "[\"gpus\"]")
  # Whoever says which resources a test needs, says so of GPUs too.
  expect_property(grouped.Listed.as_model RESOURCE_LOCK "")
  expect_property(grouped.Listed.as_model RESOURCE_GROUPS "cards")
endfunction()

# Whatever folder CrossTrace comes in, whatever folder it is called in.
function(test_scopes)
  execute_process(COMMAND "${CMAKE_COMMAND}" -S "${CMAKE_CURRENT_LIST_DIR}/scopes" -B "${WORK}"
    "-DCROSSTRACE_CMAKE=${CROSSTRACE_CMAKE}" OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND "${CMAKE_COMMAND}" --build "${WORK}" OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
  run_ctest("${WORK}" 0)
  expect_match("first.Good.cpu [.]+ +Passed" "second.Good.cpu [.]+ +Passed" "top.Good.cpu [.]+ +Passed"
    "100% tests passed(, 0 tests failed)? out of 3")
endfunction()

# A generator of several configurations: ctest must be told which, and says so.
function(test_configurations)
  set(ENV{CMAKE_GENERATOR} "Ninja Multi-Config")
  execute_process(COMMAND "${CMAKE_COMMAND}" -S "${CMAKE_CURRENT_LIST_DIR}/scopes" -B "${WORK}"
    "-DCROSSTRACE_CMAKE=${CROSSTRACE_CMAKE}" OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND "${CMAKE_COMMAND}" --build "${WORK}" --config Release OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
  run_ctest("${WORK}" 0 -C Release)
  expect_match("first.Good.cpu [.]+ +Passed" "100% tests passed(, 0 tests failed)? out of 3")
  run_ctest("${WORK}" 8 -C Debug)
  expect_match("first.DISCOVERY_FAILED [.]+[*]+Failed" "3 tests failed out of 3")
  run_ctest("${WORK}" 8)
  expect_match("3 tests failed out of 3")
  expect_output("Test not available without configuration")
endfunction()

# 77 is a skip, and nothing else is: not a failure that printed GoogleTest's word for a skip, either.
function(test_results)
  write_program(program [[printf 'Good.cpu\tgood\tcpu\nBad.cpu\tbad\tcpu\nAbsent.cuda\tabsent\tcuda,gpu\n']]
    [[case $filter in
      good) exit 0;;
      bad) echo '[  SKIPPED ] Suite.Test'; exit 1;;
      absent) exit 77;;
    esac]])
  write_test_file(program)
  run_ctest("${WORK}" 8)
  expect_match("program.Good.cpu [.]+ +Passed" "program.Bad.cpu [.]+[*]+Failed" "program.Absent.cuda [.]+[*]+Skipped"
    "67% tests passed, 1 tests failed out of 3")
  run_ctest("${WORK}" 0 -L gpu)  # Of no failures, ctest of CMake 4 says nothing.
  expect_match("program.Absent.cuda [.]+[*]+Skipped" "100% tests passed(, 0 tests failed)? out of 1")
endfunction()

# A program that cannot list fails as one test, says why, and hinders no other.
function(test_cannot_list)
  write_program(broken [[echo 'libfoo.so: cannot open' >&2; exit 3]] "exit 0")
  write_program(sound [[printf 'Good.cpu\tgood\tcpu\n']] "exit 0")
  write_test_file(broken sound)
  run_ctest("${WORK}" 8)
  expect_match("broken.DISCOVERY_FAILED [.]+[*]+Failed" "sound.Good.cpu [.]+ +Passed")
  expect_output("The tests of this program could not be listed: ${WORK}/broken"
    "It ended with '3' and said:" "libfoo.so: cannot open")
endfunction()

# What the system says of a file that is no program, and of one whose library is missing.
function(test_cannot_start)
  file(WRITE "${WORK}/no_program" "")
  file(CHMOD "${WORK}/no_program" PERMISSIONS OWNER_READ OWNER_WRITE)
  write_program(no_library
    [[echo 'no_library: error while loading shared libraries: libmodels.so: cannot open' >&2; exit 127]] "exit 0")
  write_test_file(no_program no_library)
  run_ctest("${WORK}" 8)
  expect_match("no_program.DISCOVERY_FAILED [.]+[*]+Failed" "no_library.DISCOVERY_FAILED [.]+[*]+Failed"
    "could not be listed: ${WORK}/no_program[^#]*[Pp]ermission denied" "It ended with '127' and said:[^#]*libmodels.so: cannot open")
endfunction()

function(test_no_folder)
  write_program(program [[printf 'Good.cpu\tgood\tcpu\n']] "exit 0")
  write_test_file(program)
  file(READ "${WORK}/CTestTestfile.cmake" text)
  file(WRITE "${WORK}/CTestTestfile.cmake" "set(crosstrace_folder /nowhere/at/all)\n${text}")
  run_ctest("${WORK}" 8)
  expect_output("program.DISCOVERY_FAILED" "There is no folder /nowhere/at/all, which is its WORKING_DIRECTORY.")
endfunction()

# A lock for what uses a GPU; or groups, if ctest has a resource spec. Never both, which would serialise.
function(write_gpu_program)
  write_program(program [[printf 'A.cpu\ta\tcpu\t0\nA.cuda\tb\tcuda\t1\nB.cuda\tc\tcuda\t2\n']] "exit 0")
  write_test_file(program)
endfunction()

function(expect_lock)
  show_only()
  expect_property(program.A.cpu RESOURCE_LOCK "")
  expect_property(program.A.cuda RESOURCE_LOCK "[\"gpus\"]")
  expect_property(program.B.cuda RESOURCE_LOCK "[\"gpus\"]")
  expect_property(program.A.cuda RESOURCE_GROUPS "")
  expect_property(program.B.cuda RESOURCE_GROUPS "")
endfunction()

function(expect_groups)
  show_only()
  foreach(name IN ITEMS A.cpu A.cuda B.cuda)
    expect_property(program.${name} RESOURCE_LOCK "")
  endforeach()
  expect_property(program.A.cpu RESOURCE_GROUPS "")
  set(one [[{"requirements":[{".type":"gpus","slots":1}]}]])
  expect_property(program.A.cuda RESOURCE_GROUPS "[${one}]")
  expect_property(program.B.cuda RESOURCE_GROUPS "[${one},${one}]")
endfunction()

function(test_lock_or_groups)
  write_gpu_program()
  expect_lock()
  set(ENV{CROSSTRACE_RESOURCE_GROUPS} 0)
  expect_lock()
  set(ENV{CROSSTRACE_RESOURCE_GROUPS} 1)
  expect_groups()
endfunction()

function(test_groups_asked_for)
  write_gpu_program()
  set(ENV{CROSSTRACE_RESOURCE_GROUPS} yes)
  run_ctest("${WORK}" 8)
  expect_output("program.DISCOVERY_FAILED"
    "CROSSTRACE_RESOURCE_GROUPS is 'yes', and can be 1, if ctest is given a --resource-spec-file, or 0.")
endfunction()

# CTEST_RESOURCE_SPEC_FILE at configure, wherever in the project the tests are and ctest starts.
function(test_spec_configured)
  file(WRITE "${WORK}/spec.json" [[{"version": {"major": 1, "minor": 0}, "local": [{"gpus": [{"id": "0", "slots": 1}]}]}]])
  execute_process(COMMAND "${CMAKE_COMMAND}" -S "${CMAKE_CURRENT_LIST_DIR}/scopes" -B "${WORK}"
    "-DCTEST_RESOURCE_SPEC_FILE=${WORK}/spec.json"
    "-DCROSSTRACE_CMAKE=${CROSSTRACE_CMAKE}" OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND "${CMAKE_COMMAND}" --build "${WORK}" OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
  show_only()
  expect_property(top.Good.cpu RESOURCE_GROUPS "gpus")
  expect_property(first.Good.cpu RESOURCE_GROUPS "gpus")
  expect_property(first.Good.cpu RESOURCE_LOCK "")
  run_ctest("${WORK}" 0 --verbose)
  expect_output("given id:0,slots:1")
  run_ctest("${WORK}/first" 0 --verbose)
  expect_output("given id:0,slots:1")
endfunction()

# Scripts that export, each once for all programs that want what it makes; one of them fails for one device.
function(test_exports)
  file(WRITE "${WORK}/export.py" "import sys
device, output = sys.argv[2], sys.argv[4]
with open('exported', 'a') as file:
    file.write(device + '\\n')
if device == 'cuda:0':
    sys.exit('no kernel image')
if device == 'cuda:1':
    print('no second GPU')
    sys.exit(77)
open(output, 'w').write(device)
")
  set(listing [[printf 'M_cpu.cpu\ta\tcpu\t0\tM@cpu\nM_cuda0.cuda\tb\tcuda\t1\tM@cuda:0\n'
    printf 'M_cuda1.cuda\tc\tcuda\t2\tM@cuda:1\nOther.cpu\td\tcpu\t0\t\n']])
  write_program(first "${listing}" "ls made; exit 0")
  write_program(second "${listing}" "exit 0")
  write_test_file(first second)
  find_program(python python3 REQUIRED)
  file(READ "${WORK}/CTestTestfile.cmake" text)
  file(WRITE "${WORK}/CTestTestfile.cmake" "set(crosstrace_export_M [==[${WORK}/export.py;${WORK}/made/m.x.pt;${python};${WORK}]==])\n"
    "set(crosstrace_exports [==[M=${WORK}/made/m.x.pt=float32[1,3]]==])\n${text}")
  show_only()
  expect_property(first.M_cuda1.cuda FIXTURES_REQUIRED "[\"crosstrace.M.cuda1\"]")
  expect_property(first.Other.cpu FIXTURES_REQUIRED "")
  expect_property(M.export.cpu RESOURCE_LOCK "")
  expect_property(M.export.cuda1 RESOURCE_LOCK "[\"gpus\"]")
  expect_property(M.export.cuda1 SKIP_RETURN_CODE "77")
  set(ENV{CROSSTRACE_RESOURCE_GROUPS} 1)
  show_only()
  expect_property(M.export.cuda1 RESOURCE_LOCK "")
  expect_property(M.export.cuda0 RESOURCE_GROUPS [=[[{"requirements":[{".type":"gpus","slots":1}]}]]=])
  set(ENV{CROSSTRACE_RESOURCE_GROUPS} 0)

  run_ctest("${WORK}" 8 --verbose)
  expect_match("M.export.cpu [.]+ +Passed" "M.export.cuda0 [.]+[*]+Failed" "M.export.cuda1 [.]+[*]+Skipped"
    "first.M_cpu.cpu [.]+ +Passed" "second.M_cpu.cpu [.]+ +Passed" "first.Other.cpu [.]+ +Passed"
    "first.M_cuda0.cuda [.]+[*]+Not Run" "second.M_cuda0.cuda [.]+[*]+Not Run" "first.M_cuda1.cuda [.]+ +Passed"
    "tests failed out of 11\n")
  expect_output("no kernel image" "export.py --device cuda:0 ended with 1" "m.x.cpu.pt" "m.x.cuda1.pt.skipped"
    "CROSSTRACE_EXPORTS=M=${WORK}/made/m.x.pt=float32[1,3]")
  file(STRINGS "${WORK}/exported" exported)
  list(SORT exported)
  if(NOT exported STREQUAL "cpu;cuda:0;cuda:1")
    message(SEND_ERROR "The script ran for '${exported}'")
  endif()
endfunction()

# A main() that never heard of CrossTrace, or that ends with _exit().
function(test_no_list)
  write_program(program "rm \"\${CROSSTRACE_LIST#model:}\"" "exit 0")
  write_test_file(program)
  run_ctest("${WORK}" 8)
  expect_output("program.DISCOVERY_FAILED"
    "It wrote no list of tests: it links no CrossTrace::fixtures, or its main() ends without exit().")
endfunction()

function(test_empty_list)
  write_program(program ":" "exit 0")
  write_test_file(program)
  run_ctest("${WORK}" 8)
  expect_output("program.DISCOVERY_FAILED" "It lists no tests: no model is registered, or none was linked in.")
endfunction()

function(test_malformed_list)
  write_program(program [[printf 'Good.cpu\tgood\tcpu\nsome warning\n']] "exit 0")
  write_test_file(program)
  run_ctest("${WORK}" 8)
  expect_output("program.DISCOVERY_FAILED"
    "A line of the list is not '<name> TAB <filter> TAB <labels> [TAB <GPUs> [TAB <setups>]]': some warning")
endfunction()

function(test_not_built)
  write_test_file(program)
  run_ctest("${WORK}" 8)
  expect_output("program.DISCOVERY_FAILED" "It is not built: build the target program.")
endfunction()

# The program is started for a listing only if it, or what it is asked, has changed.
function(test_kept_listing)
  write_program(program [[echo once >>listings; printf 'Good.cpu\tgood\tcpu\n']] "exit 0")
  write_test_file(program)
  execute_process(COMMAND touch -d 2020-01-01 "${WORK}/program" COMMAND_ERROR_IS_FATAL ANY)
  run_ctest("${WORK}" 0)
  run_ctest("${WORK}" 0)
  expect_listings(1)
  set(ENV{CROSSTRACE_DEVICES} cpu)
  run_ctest("${WORK}" 0)
  expect_listings(2)
  file(TOUCH "${WORK}/program")
  run_ctest("${WORK}" 0)
  expect_listings(3)
endfunction()

# A library that was built anew may hold other models.
function(test_notes)
  write_program(program [[echo once >>listings
    printf '# file %s/libmodels.so\n# note a first note\n# note another\nGood.cpu\tgood\tcpu\n' "$PWD"]] "exit 0")
  write_test_file(program)
  execute_process(COMMAND touch -d 2020-01-01 "${WORK}/program" "${WORK}/libmodels.so" COMMAND_ERROR_IS_FATAL ANY)
  run_ctest("${WORK}" 0)
  run_ctest("${WORK}" 0)
  expect_output("program: a first note" "program: another")
  expect_match("100% tests passed(, 0 tests failed)? out of 1")
  expect_listings(1)
  file(TOUCH "${WORK}/libmodels.so")
  run_ctest("${WORK}" 0)
  expect_listings(2)
endfunction()

# What a target requires and what the environment requires add up, as far as the target has the devices.
function(test_requirements)
  write_program(program [[printf 'Good.cpu\tgood\tcpu\n']]
    [[echo "all of $CROSSTRACE_REQUIRE_DEVICES, if declared $CROSSTRACE_REQUIRE_WHERE_DECLARED."]])
  write_test_file(program)
  run_ctest("${WORK}" 0 --verbose)
  expect_output("all of , if declared .")
  set(ENV{CROSSTRACE_REQUIRE_DEVICES} cuda,xpu)
  run_ctest("${WORK}" 0 --verbose)
  expect_output("all of cuda,xpu, if declared .")
  file(READ "${WORK}/CTestTestfile.cmake" text)
  file(WRITE "${WORK}/CTestTestfile.cmake" "set(crosstrace_required sim)\n${text}")
  run_ctest("${WORK}" 0 --verbose)
  expect_output("all of sim,cuda,xpu, if declared .")
  file(WRITE "${WORK}/CTestTestfile.cmake" "set(crosstrace_required sim)\nset(crosstrace_devices cpu,sim)\n${text}")
  run_ctest("${WORK}" 0 --verbose)
  expect_output("all of sim, if declared cuda,xpu.")
endfunction()

function(expect_listings expected)
  file(STRINGS "${WORK}/listings" listings)
  list(LENGTH listings count)
  if(NOT count EQUAL expected)
    message(SEND_ERROR "The program was asked for its tests ${count} times, not ${expected}.")
  endif()
endfunction()

cmake_language(CALL test_${CASE})
