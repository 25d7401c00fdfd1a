# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
#
# Installs a build and moves what was installed to another folder, where it must work and name neither.
#   cmake -DBUILD=... -DSOURCE=... -DTO=<folder> -P install_test.cmake
cmake_minimum_required(VERSION 3.25)
file(REMOVE_RECURSE "${TO}" "${TO}.before")
execute_process(COMMAND "${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${TO}.before" OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
file(RENAME "${TO}.before" "${TO}")

file(GLOB_RECURSE files "${TO}/*.cmake" "${TO}/bin/*" "${TO}/*.py")
list(LENGTH files count)
if(count LESS 10)
  message(SEND_ERROR "Only ${count} files were looked at: ${files}")
endif()
foreach(file IN LISTS files)
  file(READ "${file}" text)
  foreach(folder IN ITEMS "${BUILD}" "${SOURCE}" "${TO}" "$ENV{HOME}/")
    string(FIND "${text}" "${folder}" position)
    if(NOT position EQUAL -1)
      message(SEND_ERROR "${file} names ${folder}")
    endif()
  endforeach()
endforeach()

# What the loader is told of folders: nothing but, in a shared build, where the library lies from here.
find_program(readelf readelf REQUIRED)
file(GLOB programs "${TO}/libexec/crosstrace/crosstrace" "${TO}/lib*/libcrosstrace*.so")
foreach(program IN LISTS programs)
  execute_process(COMMAND "${readelf}" -d "${program}" OUTPUT_VARIABLE dynamic COMMAND_ERROR_IS_FATAL ANY)
  # The CUDA kernels know nothing of LibTorch.
  if(NOT program MATCHES "compare_cuda" AND NOT dynamic MATCHES "NEEDED[^\n]*libtorch_cpu[.]so")
    message(SEND_ERROR "${program} does not need libtorch_cpu.so by name:\n${dynamic}")
  endif()
  string(REGEX REPLACE "[[][$]ORIGIN/[^]]*[]]" "" dynamic "${dynamic}")
  if(dynamic MATCHES "[[][^]]*/")
    message(SEND_ERROR "${program} names a folder:\n${dynamic}")
  endif()
endforeach()
if(NOT programs)
  message(SEND_ERROR "There is no program in ${TO}/libexec/crosstrace")
endif()
