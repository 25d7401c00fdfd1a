# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
#
# The library of CUDA kernels that compares two tensors where they are, if there is an nvcc that works. It has a CUDA runtime
# of its own, and CrossTrace::framework opens it when CUDA is loaded; without it, tensors come to the CPU to be compared.
# To be included at the top of a project: a language can be enabled nowhere else.
include_guard(GLOBAL)
include(CheckLanguage)

check_language(CUDA)
if(CMAKE_CUDA_COMPILER)
  # Set for this library alone below; without a value here CMake asks the machine's GPU.
  if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES OFF)
  endif()
  enable_language(CUDA)
  add_library(crosstrace_compare_cuda MODULE
    "${CMAKE_CURRENT_SOURCE_DIR}/framework/crosstrace/compare/detail/compare_kernel.cu")
  # Each product is rounded, as on the CPU. CMake 3.25 does not know what nvcc 13 calls C++20.
  target_compile_options(crosstrace_compare_cuda PRIVATE -std=c++20 --fmad=false)
  target_include_directories(crosstrace_compare_cuda PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}/framework")
  set_target_properties(crosstrace_compare_cuda PROPERTIES
    CUDA_ARCHITECTURES "80-real;90-real;90-virtual"
    CUDA_RUNTIME_LIBRARY Static
    CUDA_VISIBILITY_PRESET hidden
    LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}")
  add_dependencies(crosstrace_framework crosstrace_compare_cuda)
  set_source_files_properties(framework/crosstrace/compare/detail/device_library.cpp PROPERTIES
    COMPILE_DEFINITIONS "CROSSTRACE_COMPARE_CUDA_LIBRARY=\"$<TARGET_FILE:crosstrace_compare_cuda>\"")
  # An installed program finds it by its RPATH.
  target_link_options(crosstrace_framework INTERFACE
    "$<INSTALL_INTERFACE:LINKER:-rpath,$<INSTALL_PREFIX>/${CMAKE_INSTALL_LIBDIR}>")
  set_property(TARGET crosstrace_command APPEND PROPERTY INSTALL_RPATH "$ORIGIN/../../${CMAKE_INSTALL_LIBDIR}")
  if(CROSSTRACE_INSTALL)
    install(TARGETS crosstrace_compare_cuda LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
  endif()
endif()
