# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
#
# crosstrace_generate_operator_rules(<target>)
#
# The simulated device follows LibTorch's own operator table (which operators check devices, which have a CUDA kernel).
# This turns that table into C++, which <target> includes as "operator_rules.inc".
include_guard(GLOBAL)

function(crosstrace_native_functions out)
  set(beside "${CROSSTRACE_TORCH_PREFIX}/../torchgen/packaged/ATen/native/native_functions.yaml")
  foreach(candidate IN ITEMS "${CROSSTRACE_NATIVE_FUNCTIONS}" "${beside}")
    if(EXISTS "${candidate}")
      get_filename_component(candidate "${candidate}" REALPATH)
      set(${out} "${candidate}" PARENT_SCOPE)
      return()
    endif()
    if(candidate)
      break()
    endif()
  endforeach()
  message(FATAL_ERROR "LibTorch's operator table is not at '${candidate}'. It comes with pip's torch "
    "(torchgen/packaged/ATen/native/native_functions.yaml), not with the libtorch zip: take the file of the same "
    "version, ${CROSSTRACE_TORCH_VERSION}, and name it with -DCROSSTRACE_NATIVE_FUNCTIONS=...")
endfunction()

function(crosstrace_generate_operator_rules target)
  set(room crosstrace/operators)
  set(script "${PROJECT_SOURCE_DIR}/framework/${room}/generate_operator_rules.py")
  set(rules "${PROJECT_BINARY_DIR}/generated/${room}/operator_rules.inc")
  crosstrace_native_functions(table)
  crosstrace_find_python(python yaml)
  if(NOT python)
    message(FATAL_ERROR "Reading LibTorch's operator table needs a python3 with PyYAML: apt-get install python3-yaml")
  endif()
  add_custom_command(OUTPUT "${rules}"
    COMMAND "${python}" "${script}" "${table}" "${rules}"
    DEPENDS "${script}" "${table}"
    COMMENT "Reading LibTorch's operator table" VERBATIM)
  add_custom_target(crosstrace_operator_rules DEPENDS "${rules}")  # For tools that compile nothing, such as ci/lint.
  target_sources(${target} PRIVATE "${rules}")
  target_include_directories(${target} PRIVATE "$<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/generated/${room}>")
endfunction()
