# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
#
# crosstrace_find_torch([FETCH])
#
# Defines the imported target CrossTrace::torch (headers, libtorch_cpu, libc10) and sets in the caller's scope
#   CROSSTRACE_TORCH_PREFIX   the folder that holds LibTorch's include/ and lib/
#   CROSSTRACE_TORCH_VERSION  such as 2.15.0
# The first of these that is a LibTorch wins; either layout (the libtorch zip, a Python package's torch/) will do:
#   1. what find_package(Torch) has already found in this project
#   2. Torch_DIR, Torch_ROOT, CROSSTRACE_TORCH and CMAKE_PREFIX_PATH (variables, then environment)
#   3. CROSSTRACE_TORCH_HINT, which the package sets to what it was built with
#   4. the torch that this machine's python3 would import
#   5. with FETCH: wheels in a cache outside the source tree, downloaded if need be (fetch_libtorch.py)
#
# find_package(Torch) is deliberately not called: on a machine with no CUDA toolkit, or with a newer one than CMake
# knows, a CUDA build of LibTorch refuses to configure, and its target pulls in a dozen NVIDIA libraries that a
# process needs only once it runs on a GPU. Those are loaded at run time.
include_guard(GLOBAL)

# crosstrace_find_python(<out> [<module>]): a Python that can import <module>, or "". The user's choice comes first, then
# the python3 of PATH (which a virtual environment sets), then the system's, which has the packages of the system.
function(crosstrace_find_python out)
  string(JOIN ", " modules sys ${ARGN})
  foreach(candidate IN ITEMS "${Python3_EXECUTABLE}" python3 /usr/bin/python3)
    if(candidate)
      execute_process(COMMAND "${candidate}" -c "import ${modules}\nprint(sys.executable)"
        OUTPUT_VARIABLE executable ERROR_QUIET RESULT_VARIABLE failed OUTPUT_STRIP_TRAILING_WHITESPACE)
      if(NOT failed)
        set(${out} "${executable}" PARENT_SCOPE)
        return()
      endif()
    endif()
  endforeach()
  set(${out} "" PARENT_SCOPE)
endfunction()

# Sets `out` to the LibTorch prefix that `folder` lies in or names, or to "" if there is none.
function(crosstrace_torch_prefix_of folder out)
  set(${out} "" PARENT_SCOPE)
  if(folder STREQUAL "")
    return()
  endif()
  foreach(suffix IN ITEMS "" /torch /.. /../.. /../../..)
    if(EXISTS "${folder}${suffix}/include/ATen/ATen.h" AND EXISTS "${folder}${suffix}/lib/libtorch_cpu.so")
      get_filename_component(prefix "${folder}${suffix}" REALPATH)
      set(${out} "${prefix}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
endfunction()

function(crosstrace_torch_already_found out)
  set(${out} "" PARENT_SCOPE)
  if(TARGET torch_cpu)
    get_target_property(library torch_cpu LOCATION)
    get_filename_component(folder "${library}" DIRECTORY)
    crosstrace_torch_prefix_of("${folder}/.." prefix)
    set(${out} "${prefix}" PARENT_SCOPE)
  endif()
endfunction()

function(crosstrace_torch_named out)
  set(${out} "" PARENT_SCOPE)
  foreach(name IN ITEMS Torch_DIR Torch_ROOT CROSSTRACE_TORCH)
    foreach(folder IN ITEMS "${${name}}" "$ENV{${name}}")
      if(folder MATCHES "^$|-NOTFOUND$")
        continue()
      endif()
      crosstrace_torch_prefix_of("${folder}" prefix)
      if(NOT prefix)
        message(FATAL_ERROR "${name} is '${folder}', but no LibTorch lies there: "
          "looked for include/ATen/ATen.h and lib/libtorch_cpu.so in it and above it. "
          "Name the folder 'libtorch' of the zip, or '.../site-packages/torch'.")
      endif()
      set(${out} "${prefix}" PARENT_SCOPE)
      return()
    endforeach()
  endforeach()
  string(REPLACE ":" ";" from_environment "$ENV{CMAKE_PREFIX_PATH}")
  foreach(folder IN LISTS CMAKE_PREFIX_PATH from_environment)
    crosstrace_torch_prefix_of("${folder}" prefix)
    if(prefix)
      set(${out} "${prefix}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
endfunction()

# crosstrace_fetched_torch(<version> <out>): where fetch_libtorch.py puts it, there or not.
function(crosstrace_fetched_torch version out)
  set(cache "$ENV{CROSSTRACE_CACHE}")
  if(cache STREQUAL "" AND NOT "$ENV{XDG_CACHE_HOME}" STREQUAL "")
    set(cache "$ENV{XDG_CACHE_HOME}/crosstrace")
  elseif(cache STREQUAL "")
    set(cache "$ENV{HOME}/.cache/crosstrace")
  endif()
  set(${out} "${cache}/libtorch-${version}-${CMAKE_HOST_SYSTEM_PROCESSOR}/torch" PARENT_SCOPE)
endfunction()

function(crosstrace_torch_hinted out)
  crosstrace_torch_prefix_of("${CROSSTRACE_TORCH_HINT}" prefix)
  set(${out} "${prefix}" PARENT_SCOPE)
endfunction()

# find_spec locates the package without importing it, which would take seconds.
function(crosstrace_torch_of_python out)
  set(${out} "" PARENT_SCOPE)
  crosstrace_find_python(python)
  if(python)
    execute_process(COMMAND "${python}" -c
      "import importlib.util as u; s = u.find_spec('torch'); print(list(s.submodule_search_locations)[0] if s else '')"
      OUTPUT_VARIABLE folder ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
    if(folder)
      crosstrace_torch_prefix_of("${folder}" prefix)
      set(${out} "${prefix}" PARENT_SCOPE)
    endif()
  endif()
endfunction()

function(crosstrace_torch_fetched out)
  crosstrace_find_python(python pip)
  if(NOT python)
    message(FATAL_ERROR "No LibTorch was named (-DTorch_DIR=...), and fetching one needs a python3 with pip: "
      "apt-get install python3-pip")
  endif()
  execute_process(COMMAND "${python}" "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/fetch_libtorch.py" "${CROSSTRACE_FETCH_TORCH_VERSION}"
    OUTPUT_VARIABLE prefix OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "LibTorch ${CROSSTRACE_FETCH_TORCH_VERSION} could not be fetched: the line above says why. "
      "Run again to resume, or name a LibTorch that is here with -DTorch_DIR=...")
  endif()
  if(EXISTS /dev/nvidiactl)
    message(STATUS "An NVIDIA driver is here, but the fetched LibTorch is the part that runs on CPUs: cuda cells will be "
      "skipped. To run them, 'python3 -m pip install torch==${CROSSTRACE_FETCH_TORCH_VERSION}' and configure again.")
  endif()
  set(${out} "${prefix}" PARENT_SCOPE)
endfunction()

function(crosstrace_torch_version prefix out)
  set(version "")
  foreach(header IN ITEMS torch/version.h torch/csrc/api/include/torch/version.h torch/headeronly/version.h)
    if(EXISTS "${prefix}/include/${header}")
      file(STRINGS "${prefix}/include/${header}" lines REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
      string(REGEX MATCHALL "[0-9]+" numbers "${lines}")
      if(numbers)
        list(JOIN numbers "." version)
        break()
      endif()
    endif()
  endforeach()
  set(${out} "${version}" PARENT_SCOPE)
endfunction()

# The target is there for all folders of a project once one has found it, so it holds what others need to know.
macro(crosstrace_find_torch)
  if(NOT TARGET CrossTrace::torch)
    crosstrace_locate_torch(${ARGN})
  endif()
  get_target_property(CROSSTRACE_TORCH_PREFIX CrossTrace::torch CROSSTRACE_PREFIX)
  get_target_property(CROSSTRACE_TORCH_VERSION CrossTrace::torch CROSSTRACE_VERSION)
endmacro()

function(crosstrace_locate_torch)
  set(oldest 2.9)  # The oldest with which the framework was seen to compile.
  cmake_parse_arguments(PARSE_ARGV 0 arg "FETCH" "" "")
  foreach(source IN ITEMS already_found named hinted of_python)
    cmake_language(CALL crosstrace_torch_${source} prefix)
    if(prefix)
      break()
    endif()
  endforeach()
  if(NOT prefix AND arg_FETCH)
    crosstrace_torch_fetched(prefix)
  endif()
  if(NOT prefix)
    message(FATAL_ERROR "CrossTrace needs LibTorch and found none: name it with -DTorch_DIR=.../site-packages/torch "
      "(or the 'libtorch' folder of the zip), or make 'python3 -c \"import torch\"' work.")
  endif()

  crosstrace_torch_version("${prefix}" version)
  if(version VERSION_LESS oldest)
    message(FATAL_ERROR "CrossTrace needs LibTorch ${oldest} or newer, and ${prefix} is "
      "LibTorch '${version}': name another one with -DTorch_DIR=...")
  endif()
  message(STATUS "LibTorch ${version}: ${prefix}")
  add_library(CrossTrace::torch INTERFACE IMPORTED GLOBAL)
  target_include_directories(CrossTrace::torch INTERFACE
    "${prefix}/include" "${prefix}/include/torch/csrc/api/include")
  target_link_libraries(CrossTrace::torch INTERFACE "${prefix}/lib/libtorch_cpu.so" "${prefix}/lib/libc10.so")
  target_compile_features(CrossTrace::torch INTERFACE cxx_std_20)
  set_target_properties(CrossTrace::torch PROPERTIES CROSSTRACE_PREFIX "${prefix}" CROSSTRACE_VERSION "${version}")
endfunction()
