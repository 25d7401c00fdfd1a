# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
#
# The files of compare/ that are compiled once for each instruction set.
include_guard(GLOBAL)

# crosstrace_compile_vector_passes()
#
# In the folder of CrossTrace::framework: optimised whatever the build type is, since a comparison is as fast as they are;
# each product rounded, as the rule says; without the precompiled header, which was compiled for another processor.
function(crosstrace_compile_vector_passes)
  set(folder "${PROJECT_SOURCE_DIR}/framework/crosstrace/compare/detail")
  set(options -O3 -ffp-contract=off -fno-trapping-math -fno-math-errno)
  set(baseline "")
  set(avx2 "")
  set(avx512 "")
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
    set(avx2 -mavx2 -mfma -mf16c)
    set(avx512 ${avx2} -mavx512f -mavx512bw -mavx512dq -mavx512vl)
  else()
    # Where every processor fuses products and sums, compilers do so unasked.
    set_source_files_properties("${folder}/statistics.cpp" "${folder}/details.cpp" "${folder}/../compare.cpp" PROPERTIES
      COMPILE_OPTIONS "-ffp-contract=off")
  endif()
  foreach(set IN ITEMS baseline avx2 avx512)
    set_source_files_properties("${folder}/vector_pass_${set}.cpp" PROPERTIES
      COMPILE_OPTIONS "${options};${${set}}" SKIP_PRECOMPILE_HEADERS ON)
  endforeach()
  set_source_files_properties("${folder}/rows.cpp" PROPERTIES COMPILE_OPTIONS "-O3" SKIP_PRECOMPILE_HEADERS ON)
endfunction()
