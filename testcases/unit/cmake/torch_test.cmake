# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
#
# Where LibTorch is looked for, and what is said when it is not there. The LibTorch is a fake: files of the right names.
#   cmake -DCASE=... -DWORK=... -DCROSSTRACE_CMAKE=... -P torch_test.cmake
cmake_minimum_required(VERSION 3.25)
file(REMOVE_RECURSE "${WORK}")
foreach(name IN ITEMS Torch_DIR Torch_ROOT CROSSTRACE_TORCH CMAKE_PREFIX_PATH)
  unset(ENV{${name}})
endforeach()

function(make_torch prefix version)
  string(REPLACE "." ";" numbers "${version}")
  list(GET numbers 0 major)
  list(GET numbers 1 minor)
  list(GET numbers 2 patch)
  file(WRITE "${prefix}/include/ATen/ATen.h" "")
  file(WRITE "${prefix}/lib/libtorch_cpu.so" "")
  file(WRITE "${prefix}/share/cmake/Torch/TorchConfig.cmake" "message(FATAL_ERROR \"this file must not be read\")")
  file(WRITE "${prefix}/include/torch/version.h"
    "#define TORCH_VERSION_MAJOR ${major}\n#define TORCH_VERSION_MINOR ${minor}\n#define TORCH_VERSION_PATCH ${patch}\n")
endfunction()

# A python3 that finds the torch in `folder`, or none.
function(make_python folder)
  file(WRITE "${WORK}/bin/python3" "#!/bin/sh\ncase \"$2\" in *find_spec*) echo '${folder}';; *) echo \"$0\";; esac\n")
  file(CHMOD "${WORK}/bin/python3" PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
endfunction()

function(configure)
  execute_process(COMMAND "${CMAKE_COMMAND}" -S "${CMAKE_CURRENT_LIST_DIR}/torch" -B "${WORK}/build"
    "-DCROSSTRACE_CMAKE=${CROSSTRACE_CMAKE}" "-DPython3_EXECUTABLE=${WORK}/bin/python3" ${ARGN}
    OUTPUT_VARIABLE output ERROR_VARIABLE output)
  string(REGEX REPLACE "[ \n]+" " " output "${output}")
  set(output "${output}" PARENT_SCOPE)
endfunction()

function(expect_output text)
  string(FIND "${output}" "${text}" position)
  if(position EQUAL -1)
    message(SEND_ERROR "'${text}' is not in the output:\n${output}")
  endif()
endfunction()

function(test_zip_layout)
  make_torch("${WORK}/libtorch" 2.12.1)
  configure("-DTorch_DIR=${WORK}/libtorch/share/cmake/Torch")
  expect_output("version 2.12.1 at ${WORK}/libtorch.")
  configure("-DTorch_DIR=${WORK}/libtorch")
  expect_output("version 2.12.1 at ${WORK}/libtorch.")
endfunction()

function(test_python_package)
  make_torch("${WORK}/site-packages/torch" 2.11.0)
  configure("-DTorch_DIR=${WORK}/site-packages/torch/share/cmake/Torch")
  expect_output("version 2.11.0 at ${WORK}/site-packages/torch.")
endfunction()

# What torch.utils.cmake_prefix_path gives, and the folder above the zip's or the package's.
function(test_prefix_path)
  make_torch("${WORK}/libtorch" 2.11.0)
  make_torch("${WORK}/site-packages/torch" 2.15.0)
  configure("-DCMAKE_PREFIX_PATH=/nowhere\;${WORK}/libtorch/share/cmake")
  expect_output("version 2.11.0 at ${WORK}/libtorch.")
  configure("-DCMAKE_PREFIX_PATH=${WORK}/site-packages")
  expect_output("version 2.15.0 at ${WORK}/site-packages/torch.")
  set(ENV{CMAKE_PREFIX_PATH} "/nowhere:${WORK}/libtorch")
  configure("-DCMAKE_PREFIX_PATH=")
  expect_output("version 2.11.0 at ${WORK}/libtorch.")
endfunction()

# What the command is told is true of a project too.
function(test_crosstrace_torch)
  make_torch("${WORK}/libtorch" 2.11.0)
  make_torch("${WORK}/site-packages/torch" 2.15.0)
  make_python("${WORK}/site-packages/torch")
  set(ENV{CROSSTRACE_TORCH} "${WORK}/libtorch")
  configure()
  expect_output("version 2.11.0 at ${WORK}/libtorch.")
  set(ENV{CROSSTRACE_TORCH} "${WORK}/nowhere")
  configure()
  expect_output("CROSSTRACE_TORCH is '${WORK}/nowhere', but no LibTorch lies there")
endfunction()

# Whoever has called find_package(Torch) gets no second LibTorch, whatever else is named.
function(test_already_found)
  make_torch("${WORK}/first" 2.11.0)
  make_torch("${WORK}/second" 2.15.0)
  configure("-DALREADY_FOUND=${WORK}/first" "-DTorch_DIR=${WORK}/second")
  expect_output("version 2.11.0 at ${WORK}/first.")
endfunction()

# A folder that is named and wrong is an error; nothing else is taken in its stead.
function(test_wrong_folder)
  make_torch("${WORK}/site-packages/torch" 2.15.0)
  make_python("${WORK}/site-packages/torch")
  configure("-DTorch_DIR=${WORK}/empty")
  expect_output("Torch_DIR is '${WORK}/empty', but no LibTorch lies there")
endfunction()

# One sentence, and not a page of compiler errors.
function(test_too_old)
  make_torch("${WORK}/libtorch" 2.8.1)
  configure("-DTorch_DIR=${WORK}/libtorch")
  expect_output("CrossTrace needs LibTorch 2.9 or newer, and ${WORK}/libtorch is LibTorch '2.8.1': name another one with")
endfunction()

function(test_of_python)
  make_torch("${WORK}/site-packages/torch" 2.15.0)
  make_python("${WORK}/site-packages/torch")
  configure()
  expect_output("version 2.15.0 at ${WORK}/site-packages/torch.")
endfunction()

function(test_nowhere)
  make_python("")
  configure()
  expect_output("CrossTrace needs LibTorch and found none: name it with -DTorch_DIR=")
endfunction()

cmake_language(CALL test_${CASE})
