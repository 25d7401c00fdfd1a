# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
#
# A project before and after crosstrace.diff, which is applied to a copy of it.
#   cmake -DPROJECT=... -DWORK=... -DGENERATOR=... -DOPTIONS=... -DTORCH=<LibTorch's folder> -P adopted_test.cmake
cmake_minimum_required(VERSION 3.25)
file(REMOVE_RECURSE "${WORK}")
file(COPY "${PROJECT}/" DESTINATION "${WORK}/project")

# LibTorch's package, or, for one that was fetched without it, as much of it as a project asks for.
if(EXISTS "${TORCH}/share/cmake/Torch/TorchConfig.cmake")
  list(APPEND OPTIONS "-DTorch_DIR=${TORCH}/share/cmake/Torch")
else()
  file(WRITE "${WORK}/torch/TorchConfig.cmake" "
foreach(name IN ITEMS torch_cpu c10)
  add_library(\${name} SHARED IMPORTED)
  set_target_properties(\${name} PROPERTIES IMPORTED_LOCATION \"${TORCH}/lib/lib\${name}.so\"
    INTERFACE_INCLUDE_DIRECTORIES \"${TORCH}/include;${TORCH}/include/torch/csrc/api/include\")
endforeach()
set(TORCH_LIBRARIES torch_cpu c10)
")
  list(APPEND OPTIONS "-DTorch_DIR=${WORK}/torch")
endif()

function(run_ctest when expected)
  execute_process(COMMAND "${CMAKE_COMMAND}" "-DPROJECT=${WORK}/project" "-DBUILD=${WORK}/${when}" "-DGENERATOR=${GENERATOR}"
    "-DTARGETS=all" "-DOPTIONS=${OPTIONS}" "-DEXPECTED=${expected}" ${ARGN} -P "${CMAKE_CURRENT_LIST_DIR}/way_in_test.cmake"
    RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${when} the diff")
  endif()
endfunction()

run_ctest(before network_test=Passed)

file(STRINGS "${PROJECT}/crosstrace.diff" added REGEX "^[+]([^+]|$)")
list(LENGTH added lines)
if(lines GREATER 10 OR lines EQUAL 0)
  message(SEND_ERROR "The diff adds ${lines} lines")
endif()
find_program(git git REQUIRED)
execute_process(COMMAND "${CMAKE_COMMAND}" -E env "GIT_CEILING_DIRECTORIES=${WORK}" "${git}" apply "${PROJECT}/crosstrace.diff"
  WORKING_DIRECTORY "${WORK}/project" COMMAND_ERROR_IS_FATAL ANY)
run_ctest(after "network_test=Passed;portability.Net.cpu+sim=Failed;portability.Net.xpu=Skipped"
  "-DSAID=network.cpp:9: aten::arange makes its tensor on cpu wherever the module runs")
