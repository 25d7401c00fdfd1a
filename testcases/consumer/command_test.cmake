# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
#
# The installed command finds LibTorch, or says in one sentence that it does not.
#   cmake -DCOMMAND=<bin/crosstrace> -DTORCH=<LibTorch's folder> -DVERSION=<of LibTorch> -DWORK=... -P command_test.cmake
cmake_minimum_required(VERSION 3.25)
file(REMOVE_RECURSE "${WORK}")
foreach(name IN ITEMS CROSSTRACE_TORCH LD_LIBRARY_PATH CROSSTRACE_DEVICES)
  unset(ENV{${name}})
endforeach()

# python3 as it is, or one whose torch lies in `folder`.
function(use_python folder)
  file(WRITE "${WORK}/bin/python3" "#!/bin/sh\necho '${folder}'\n")
  file(CHMOD "${WORK}/bin/python3" PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
endfunction()

function(expect_devices result expected)
  execute_process(COMMAND "${CMAKE_COMMAND}" -E env "PATH=${WORK}/bin:$ENV{PATH}" ${ARGN} "${COMMAND}" devices
    OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE actual)
  string(FIND "${output}" "${expected}" position)
  if(NOT actual EQUAL result OR position EQUAL -1)
    message(SEND_ERROR "${ARGN}: ended with ${actual}, not ${result}, and should say '${expected}':\n${output}")
  endif()
endfunction()

use_python("")
expect_devices(2 "crosstrace: LibTorch ${VERSION} is needed: set CROSSTRACE_TORCH to its folder, or install torch for python3\n")
expect_devices(0 "sim:0   available" "CROSSTRACE_TORCH=${TORCH}")
expect_devices(0 "sim:0   available" "CROSSTRACE_TORCH=${TORCH}/lib")
expect_devices(2 "crosstrace: CROSSTRACE_TORCH is '/nowhere', but no lib/libtorch_cpu.so lies there\n" "CROSSTRACE_TORCH=/nowhere")
use_python("${TORCH}")
expect_devices(0 "sim:0   available")

# Another version is no crash with a page of symbols.
file(WRITE "${WORK}/other/lib/libtorch_cpu.so" "")
file(WRITE "${WORK}/other/include/torch/headeronly/version.h"
  "#define TORCH_VERSION_MAJOR 1\n#define TORCH_VERSION_MINOR 2\n#define TORCH_VERSION_PATCH 3\n")
expect_devices(2 "crosstrace: this command was built with LibTorch ${VERSION}, but ${WORK}/other is 1.2.3; name another one with"
  "CROSSTRACE_TORCH=${WORK}/other")

# A link to it, as people put into ~/bin.
file(CREATE_LINK "${COMMAND}" "${WORK}/bin/linked" SYMBOLIC)
set(COMMAND "${WORK}/bin/linked")
expect_devices(0 "sim:0   available")
