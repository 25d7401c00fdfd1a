# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
#
# crosstrace_check_abi()
#
# A test links LibTorch and GoogleTest into one program, and both hand out std::string. If one of them was compiled for
# the C++ ABI of before 2015 the linker says so in a page of undefined references; this says it in a sentence, once.
include_guard(GLOBAL)

# Each source refers to one function whose name in the library holds the ABI's tag.
set(crosstrace_abi_torch "#include <c10/util/Type.h>\nint main() { return c10::demangle(\"i\").empty(); }\n")
set(crosstrace_abi_gtest
  "#include <gtest/gtest.h>\nint main() { return testing::Message().GetString().empty(); }\n")

function(crosstrace_links name library)
  set(result "CROSSTRACE_LINKS_${name}_${CROSSTRACE_TORCH_PREFIX}")
  string(MAKE_C_IDENTIFIER "${result}" result)
  if(NOT DEFINED ${result})
    file(WRITE "${PROJECT_BINARY_DIR}/abi/${name}.cpp" "${crosstrace_abi_${name}}")
    try_compile(${result} "${PROJECT_BINARY_DIR}/abi/${name}" "${PROJECT_BINARY_DIR}/abi/${name}.cpp"
      LINK_LIBRARIES ${library} CXX_STANDARD 20 OUTPUT_VARIABLE output)
  endif()
  if(NOT ${result})
    unset(${result} CACHE)
    message(FATAL_ERROR "A program of two lines does not link with ${library}. ${ARGN}\n${output}")
  endif()
endfunction()

function(crosstrace_check_abi)
  crosstrace_links(torch CrossTrace::torch
    "If the linker misses a name with 'cxx11', this LibTorch (${CROSSTRACE_TORCH_PREFIX}) was built for the old C++ ABI: "
    "take LibTorch 2.7 or newer, or the 'cxx11 ABI' libtorch zip.")
  get_target_property(imported GTest::gtest IMPORTED)
  if(imported)
    crosstrace_links(gtest GTest::gtest
      "If the linker misses a name with 'cxx11', the installed GoogleTest was built for the old C++ ABI: "
      "install one built by this compiler, or remove it, and its sources are fetched.")
  endif()
endfunction()
